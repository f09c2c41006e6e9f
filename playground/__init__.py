"""Network Playground: draw neural networks from blocks, train them, and watch them think.

The ten-minute tour
===================

A person draws a **Graph** of **Blocks** (`graph`, `block`). A block is one class: its attributes are what can be
set, `output` says what it makes of a shape, `layer` names the torch layer that does it. Everything else, the
palette, the form, the JSON, the help, follows from that declaration (`declare`).

**Analysis** (`analysis`) follows every `Shape` through the graph by plain arithmetic and says at once what flows
on every wire, what everything costs, and what is wrong, each problem with a sentence that says what to do. It
needs no data, only `DataFacts`, and no torch.

A node may hold a network of its own: a **Group** (`blocks/group.py`), repeated as often as its number says.
`nesting` unfolds groups into the one flat graph that is analysed and trained, and folds what was drawn back.

Graph, data, training settings and view together are an **Experiment** (`experiment`), a value. A **Document**
(`document`) is an experiment under edit: every gesture makes a new value, so undo is a list of values, and every
view updates itself by comparing old with new. What is drawn of it is a **Sheet** (`sheet`): the network, or the
inside of one of its groups; canvas and inspector edit sheets, never the document's graph. `files` reads and writes
it as JSON (`document_json`) and trusts nothing it reads.

From here down there is torch. A **Network** (`network`) is the graph built as a plain `nn.Module`. The
**Trainer** (`training`) is a generator of steps; the same experiment, seed and threads give the same losses bit
for bit. The **Lab** (`lab`) runs a Trainer in a background thread: orders in, frames and notices out
(`messages`). The **engine** (`engine`) is a Lab in a process of its own, so that painting never takes the
interpreter lock from training; `client` is the window's end of it.

**Probes** (`probes`) are questions that can be asked of a network while it trains; the Lab measures those that
somebody watches, within a budget. Over in `widgets`, **panels** draw the answers.

Where to begin reading: `block.py`, then `blocks/dense.py`, `analysis.py`, `training.py`, `lab.py`. To add a block,
a data set, a probe, a panel or a command, add one class in one file beside its kin; CONTRIBUTING has a recipe for
each. Imports point one way only, from the core to the window's needs and never back; a test draws the line.
"""
