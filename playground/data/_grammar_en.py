"""The grammar of the English sentences: words that are two parts of speech, names of two kinds, and enough around them.

The tags are those of Universal Dependencies as the English Web Treebank uses them. Of the many words that have two,
each sentence leaves one possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

from playground.data._productions import Grammar, Word

WORDS = """
DET: the a every some no any another
PRON: I you he she it we they me him us them my your his her our their who what there something nothing
AUX: is are am was were did does must should could would has
PART: not 's
ADP: in on at of for with from by near under over behind along into about without
CCONJ: and or but
SCONJ: because if while although
ADV: often always never very too soon here again why where how together really now
INTJ: please yes oh
NOUN: yesterday tomorrow today week year time lot percent hours minutes
ADJ: many several few first last next
PUNCT: . ? , !
NUM: two three four five six ten twenty
"""

RULES = """
sentence = 22 @statement . | 8 @question ? | 5 @order . | yes/INTJ , @short . | no/INTJ , @short .

statement = 6 @past | 11 @at_present | 10 @future | 3 @ongoing | 2 @perfect | 6 @being | 4 @general | 4 @business
    2 @time_before , @past | @someone @think.s that/SCONJ @at_present | @people @think that/SCONJ @past
    2 @someone @think.ed that/SCONJ @past | @past @because @past | @at_present because @at_present
    if @at_present , @future | @past , but @past | 2 after/SCONJ @past , @past | 2 @past before/SCONJ @past
    2 @lasting since/SCONJ @past_simple | @past while @ongoing_past
short = 2 @past | 2 @at_present | 2 @future | @being

# -- times -----------------------------------------------------------------------------------------------------
lasting = @someone has/AUX @lasts.en | @people have/AUX @lasts.en
lasts = @live~ in @town | @work~ for @company | @work~ hard/ADV | @live~ near the @building
past_simple = @subject @deed.ed
past = 12 @subject @deed.ed @when_past? | 2 @subject @state.ed | @subject @modal_not @deed
    2 @pronoun had/AUX @deed.en | @price rose/VERB by @number percent | the sun/NOUN rose/VERB over the @landscape
    the @vehicle left/VERB the station/NOUN | @someone left/VERB @early_adv | @folk left/VERB the @building @when_past?
    @subject did not @deed | @someone came/VERB back/ADV @when_past? | @subject went/VERB back/ADV to/ADP the @building
at_present = 8 @someone @often? @deed.s @how_often? | 10 @people @often? @deed @how_often? | 3 @someone @state.s
    3 @people @state | @animal_one @beast.s | @animals @beast | 2 @someone does not @deed | 2 @people do/AUX not @deed
future = 5 @subject will/AUX @act @when_future? | 5 @subject can/AUX @act | 2 @subject must @act
    2 @subject should @act | 4 @subject may/AUX @act @when_future? | the @bird can/AUX fly/VERB over the @landscape
    @animals can/AUX @beast | 2 @subject will/AUX not @act
ongoing = 3 @someone is @deed.ing | 3 @crowd are @deed.ing | I am @deed.ing | @animal_one is @beast.ing
ongoing_past = @someone was @deed.ing | @crowd were @deed.ing
perfect = 3 @someone has/AUX @deed.en @since? | 3 @people have/AUX @deed.en @since? | @people have/AUX never @deed.en
modal_not = could not | should not | would not
often = often | always | never
how_often = every day/NOUN | every week | on @weekday | in @month | after/ADP lunch/NOUN | before/ADP dinner/NOUN
when_past = 2 yesterday | on @weekday | last week | in @month | after/ADP the @event | before/ADP the @event
    last @month | two hours after/ADP the @event
when_future = tomorrow | next week | on @weekday | in @month | after/ADP the @event | before/ADP @weekday
    this/DET year
since = since/ADP @weekday | since/ADP @month | since/ADP the @event
time_before = yesterday | in @month | last year | on @weekday | after/ADP the @event | before/ADP the @event
because = because | while | because

# -- who -------------------------------------------------------------------------------------------------------
subject = 3 @someone | 2 @people
pronoun = I | we | they | she | he
someone = 9 @named | 4 the @job | 2 @my @relative | a @human_adj @job | the @human_adj @job | 2 she | 2 he
    the @job from @town | the @job with the @small | the @job who @deed.ed | the @job who @state.s
    @named and @named 's @relative | the @job in the @colour @clothes | @named 's @relative | every @job
    the kind/ADJ @job | @named , the @job , | 1 that/DET @job | this/DET @job
people = 9 @crowd | 2 I
crowd = 4 the @job.s | 2 @my @relative.s | 2 @number @job.s | many @job.s | 2 they | 2 we | 2 you | 2 @named and @named
    these/DET @job.s | the @job.s who @deed.ed | some @human_adj @job.s | @named 's @relative.s
    several @job.s from @town
folk = 3 the @job.s | they | we | @my @relative.s | most/ADJ @job.s
whom = 5 @named | 3 the @job | 2 @my @relative | me | him | us | them | the @job.s
named = 10 @first | 3 @full | @title
full = @first @last_name
title = Mr./PROPN @last | Dr./PROPN @last
my = 2 my | your | his | 2 her | our | their

# -- what people do: ~ is the form ----------------------------------------------------------------------------
deed = 30 @act~ | 6 @want~ | @have~ a cold/NOUN
act = 3 @journey~ | 3 @handle~ | 3 @speech~ | 16 @double~ | 7 @outing~
journey = 2 @visit~ @town | @visit~ the @sight | @go~ to/ADP @town | @go~ to/ADP the @building
    @walk~ to/ADP the @building | 2 @walk~ in the @park_place | @travel_from~ from @town to/ADP @town
    @fly~ to/ADP @town | @drive~ to/ADP @town | @run~ fast/ADV in the @park_place | @arrive~ @early_adv
    @arrive~ in @town | 2 @train~ hard/ADV | @get~ back/ADV from @town
handle = 2 @read~ @reading | 2 @eat~ @meal | @drink~ @drinkable | 2 @buy~ @goods | @sell~ @goods
    @carry~ @goods into the @room | 3 @see~ @seen | 2 @open~ the @closed | @close~ the @closed | 2 @clean~ the @room
    @clean~ @my @clothes | @paint~ the @closed @colour | @find~ @goods in the @room | 2 @cut~ the @wood with a saw/NOUN
    @pay~ the bill/NOUN | @take~ a @vehicle to/ADP @town | @put~ the @small on the @furniture
    @hold~ the @small in @my left/ADJ hand/NOUN | @eat~ a orange/NOUN | @put~ a rose/NOUN in the @room
    @need~ a new/ADJ saw/NOUN | @take~ the left/ADJ @path | @drink~ water/NOUN from the well/NOUN
    @open~ a can/NOUN of @canned | @buy~ a can/NOUN of @canned | @buy~ a new/ADJ saw/NOUN
    @hold~ @my left/ADJ hand/NOUN
speech = 2 @meet~ @whom | @meet~ @whom in @town | @ask~ @whom @about_what? | @thank~ @whom for the @gift | @help~ @whom
    2 @give~ @gifts to/ADP @whom | @send~ @gifts to/ADP @whom | @talk_to~ to/ADP @whom about @topic | @wait~ for @whom
    @dance~ with @whom | 2 @work~ for @company | @tell~ @whom that/SCONJ @past | @call~ @whom @early_adv
    @show~ @whom the @sight | @meet~ the @job who @deed.ed
about_what = about @topic | about the @event
double = 2 @book~ @bookable | 2 @plan~ @planned | 2 @watch~ @seen | @walk~ the dog/NOUN | 2 @water~ the @green.s
    2 @plant~ @greenery | @park~ the @car behind the @building | 2 @answer~ @asked | @fish~ in the @waters
    2 @work~ @how_work | @play~ @game | @play~ with the @animal | 2 @light~ the @flame | 2 @cook~ @meal
    2 @duck~ under the @low | 2 @guard~ the @building | 2 @judge~ the @contest | 2 @cook~ for @whom
    2 @guide~ @whom through/ADP @town | @train~ the @animal | @present~ @my @plan_noun | 2 @do~ @my homework/NOUN
    @clean~ the @room | 2 @have~ lunch/NOUN with @whom | @visit~ @whom in @town | @record~ a @song | @fly~ a kite/NOUN
    @test~ the @machine | @phone~ @whom @early_adv | 2 @ring~ the bell/NOUN | @name~ the @animal @first
    @dress~ the children/NOUN | @drive~ back/ADV to/ADP @town
outing = @go~ for a @trip_noun | @take~ a @trip_noun | 2 @have~ a @trip_noun in the @park_place
    @give~ @whom a @call_noun | @need~ a @trip_noun | @need~ help/NOUN | @ask~ @whom for help/NOUN
    2 @enjoy~ the @act_noun | 2 @remember~ the @act_noun | @thank~ @whom for the @act_noun
    @take~ the @late_adj @vehicle | @wait~ for the @late_adj @vehicle | @watch~ the @show_noun
    @wait~ for a answer/NOUN | @carry~ @goods on @my back/NOUN
trip_noun = 3 walk/NOUN | drive/NOUN | run/NOUN | swim/NOUN | drink/NOUN | look/NOUN
call_noun = call/NOUN | ring/NOUN | hand/NOUN | book/NOUN | drink/NOUN | present/NOUN | guide/NOUN | watch/NOUN
    light/NOUN
show_noun = show/NOUN | play/NOUN | dance/NOUN | test/NOUN
act_noun = 2 walk/NOUN | 2 visit/NOUN | call/NOUN | dance/NOUN | show/NOUN | drive/NOUN | talk/NOUN | play/NOUN
    2 work/NOUN | help/NOUN | test/NOUN | swim/NOUN | 2 present/NOUN | 2 answer/NOUN | 2 plan/NOUN | record/NOUN
    book/NOUN
want = 2 @want_to~ to/PART @act | @plan~ to/PART @act | @forget~ to/PART @act | @try~ to/PART @act
how_work = hard/ADV | in @town | with @whom | late/ADV | at @company | in the @building
early_adv = early/ADV | late/ADV | again
state = 3 @like~ @liked | 2 @like~ to/PART @deed | 2 @live~ in @town | @have~ @number @relative.s | 2 @have~ @goods
    @know~ @my @relative | @know~ something about @topic | @look~ like/ADP @resembled | 2 @come_from~ from @town
    @live~ near the @building | @love~ the @liked_noun of the @animal.s | @have~ no plan/NOUN
    @live~ like/ADP @resembled | @need~ a @small | @know~ the answer/NOUN to/ADP @asked | @have~ a lot of work/NOUN
    @know~ that/SCONJ @at_present
beast = 2 @sleep~ under the @green | @eat~ @food | 2 @swim~ in the @waters | @run~ fast/ADV | @drink~ water/NOUN
    @play~ in the @park_place | @jump~ over the @low | @hide~ behind the @furniture

# -- being, and what is true at all times -----------------------------------------------------------------------
being = 2 @someone is a @job | @someone is very @human_adj | @crowd are @human_adj | 2 the @thing is @thing_adj
    2 the @thing on the @furniture is @thing_adj | the @small.s are @thing_adj | 2 there is a @small on the @furniture
    there are @number @small.s in the @room | 4 @my @act_noun was @work_adj
    3 the @act_noun in the @park_place was @work_adj | 2 the @act_noun with @whom_one was @work_adj
    2 @my @work_noun is @work_adj | 2 the @job_double.s are @human_adj | the @work_noun of @whom_one is @work_adj
    2 this/PRON is the @readable that/PRON @someone @make.ed | that/PRON is a @work_adj @work_noun
    @city is a @town_adj city/NOUN | the @vehicle to/ADP @town is @late_adj | the light/NOUN in the @room is @colour
    that/DET @thing is too @thing_adj | @city is a @town_adj city/NOUN near the @waters
    the @thing that/PRON @someone bought/VERB is @thing_adj | the bark/NOUN of the @tree is @colour
    the @door_like was open/ADJ | the @door_like is close/ADJ to/ADP the @building | @my back/NOUN hurts/VERB
    the back/NOUN of the @car is clean/ADJ | @someone is the cook/NOUN of the @building
    the fly/NOUN is on the @food_noun | the @machine in the @room is hard/ADJ to/PART @use
    one/NUM of the @job.s is from @town | @city and @city are @town_adj cities/NOUN
    @company 's new/ADJ @machine is very @thing_adj | the @door_like to/ADP the @room is open/ADJ
    a watch/NOUN like/ADP this/PRON is @thing_adj
use = use/VERB | find/VERB | clean/VERB | carry/VERB
general = 2 fish/NOUN @fishy | the @bird.s fly/VERB over the @landscape | the @bird flies/VERB over the @landscape
    2 the dog/NOUN @bark.s at @whom | the dogs/NOUN bark/VERB | plants/NOUN need/VERB water/NOUN and light/NOUN
    the @animal.s like/VERB @food | water/NOUN is @watery | 2 a duck/NOUN can/AUX @duckish | 2 the duck/NOUN @beast.ed
    @animals like/VERB to/PART @beast | books/NOUN about @topic are @thing_adj | the fly/NOUN @landed on the @food_noun
    the train/NOUN from @town arrives/VERB @early_adv | time flies/VERB | the flies/NOUN are on the @food_noun
    2 @drinks_noun juice/NOUN is @drink_adj | every plan/NOUN needs/VERB a @work_adj start/NOUN
    roses/NOUN and @green.s grow/VERB in the @park_place | the @job.s play/VERB a play/NOUN
    the @machine works/VERB well/ADV | a @kind_of kind/NOUN of @animal lives/VERB in the @park_place
    this/DET kind/NOUN of @small is @thing_adj | a orange/NOUN is a fruit/NOUN | the @song was a record/NOUN
    the plants/NOUN in the @room need/VERB water/NOUN | the works/NOUN of @full are in the museum/NOUN
    the plans/NOUN of the @job @succeed | the walks/NOUN in the @park_place were long/ADJ
kind_of = new/ADJ | rare/ADJ | small/ADJ | old/ADJ
drink_adj = sweet/ADJ | fresh/ADJ | cold/ADJ | cheap/ADJ | good/ADJ
fishy = live/VERB in the @waters | swim/VERB fast/ADV | eat/VERB plants/NOUN | can/AUX swim/VERB
duckish = swim/VERB | fly/VERB
landed = landed/VERB | sat/VERB
watery = 3 cold/ADJ | clean/ADJ | clear/ADJ | good/ADJ for @my back/NOUN
succeed = failed/VERB | worked/VERB well/ADV | changed/VERB
drinks_noun = orange/NOUN | apple/NOUN

# -- companies --------------------------------------------------------------------------------------------------
business = 3 @company @trade.s @products | 2 @company hired/VERB @whom_one
    @company opened/VERB a office/NOUN in @town | @company will/AUX @trade @products in @town
    @company has/AUX opened/VERB a new/ADJ factory/NOUN in @town | the @job.s of @company met/VERB in @town
    the price/NOUN of @product rose/VERB by @number percent | the shares/NOUN of @company rose/VERB by @number percent
    @company plans/VERB to/PART @trade @products | @company bought/VERB @company for @number million/NUM dollars/NOUN
    @someone bought/VERB a @car from @company | @someone writes/VERB for @paper
    @paper is close/ADJ to/ADP the @building | @company may/AUX close/VERB its/PRON office/NOUN in @town
    the @job.s at @company work/VERB hard/ADV | @company has/VERB plans/NOUN for a new/ADJ office/NOUN
    @whom_known wants/VERB to/PART work/VERB for @company | @someone is the head/NOUN of @company
price = the price/NOUN of @product | the shares/NOUN of @company | the price/NOUN of the @vehicle
whom_one = 2 @named | the @job
whom_known = 2 @named | @my @relative

# -- questions and orders ---------------------------------------------------------------------------------------
question = 3 will/AUX @subject @act @when_future? | 3 can/AUX @subject @act | 2 may/AUX @i_we @act
    2 did @subject @deed | 2 does @someone @deed | 2 do/AUX @people @deed | who @deed.ed | who @state.s
    where did @subject @meet_or_buy | where does @someone work/VERB | why did @subject @deed
    has/AUX @someone @deed.en | have/AUX @people @deed.en | 2 what did @subject @get_what
    how many @small.s did @subject buy/VERB | is @someone @deed.ing | is the @door_like open/ADJ
    is this/PRON @my @small | do/AUX @people know/VERB who @deed.ed | what does this/DET @work_noun mean/VERB
    how late/ADJ is the @vehicle | how fast/ADJ is the @car | when/ADV does the train/NOUN leave/VERB
    is that/DET @thing @thing_adj | can/AUX I have/VERB the bill/NOUN | what will/AUX @subject do/VERB
    2 is there @mass in the can/NOUN
i_we = I | we
get_what = buy/VERB | eat/VERB | see/VERB | read/VERB | do/VERB | find/VERB
meet_or_buy = meet/VERB @whom | buy/VERB the @small | see/VERB the @animal | park/VERB the @car | fish/VERB
order = 5 @act | 2 please @act | do/AUX not @act | please do/AUX not @act | 2 @act , please
meal = @food | 2 @food with the @relative.s | fish/NOUN and @food | @my @dinner | the duck/NOUN
dinner = lunch/NOUN | dinner/NOUN | breakfast/NOUN

# -- things -----------------------------------------------------------------------------------------------------
reading = the @readable | a @readable about @topic | @my @readable | two books/NOUN about @topic | 3 the book/NOUN
    @paper
goods = 3 a @small | the @small | @number @small.s | a @thing_adj @small | @my @small | a light/ADJ @small
    a @colour @small | a @small from @town | that/DET @small | the @small that/PRON @someone @make.ed | 2 a book/NOUN
    a watch/NOUN | two watches/NOUN
gifts = 2 a @small | the @small | some @green.s | the @readable | a book/NOUN | a rose/NOUN | two books/NOUN
    two plants/NOUN
gift = book/NOUN | @present_noun | @small | visit/NOUN | answer/NOUN | walk/NOUN
present_noun = present/NOUN
bookable = 2 a flight/NOUN to/ADP @town | a table/NOUN for @number | a room/NOUN in @town | a @vehicle to/ADP @town
    two flights/NOUN
planned = a @event | the @event | 2 a visit/NOUN to/ADP @town | a walk/NOUN in the @park_place
    two visits/NOUN to/ADP @town | @my work/NOUN
seen = the @animal.s | a game/NOUN | the @job.s | a play/NOUN | the trains/NOUN | the ducks/NOUN | the light/NOUN
    two plays/NOUN
greenery = a @green | @number @green.s | roses/NOUN | @green.s in the @park_place
asked = the question/NOUN | the @letter | every question/NOUN | a hard/ADJ question/NOUN
    the questions/NOUN about @topic
game = a game/NOUN | the @instrument | @game_sport with @whom | chess/NOUN | football/NOUN | tennis/NOUN
flame = fire/NOUN | candle/NOUN | lamp/NOUN
thing = 3 @small | book/NOUN | @furniture | @car | watch/NOUN | @machine | saw/NOUN | can/NOUN
liked = @game_sport | @my @small | @food | the @sight | @my work/NOUN | @topic | @drinkable | the book/NOUN
    long/ADJ walks/NOUN | fish/NOUN
game_sport = chess/NOUN | football/NOUN | music/NOUN
liked_noun = sound/NOUN | picture/NOUN
resembled = a @animal | @my @relative | a @job | @named 's @relative
topic = 2 history/NOUN | music/NOUN | @animal.s | @land | the work/NOUN of @whom_one | fish/NOUN | the plan/NOUN
    @month_weather
work_noun = work/NOUN | plan/NOUN | answer/NOUN | book/NOUN | question/NOUN | play/NOUN
plan_noun = plan/NOUN | work/NOUN | answer/NOUN
products = @product | @product and @product
food = bread/NOUN | 2 fish/NOUN | soup/NOUN | rice/NOUN | apples/NOUN | cheese/NOUN | duck/NOUN | cake/NOUN
canned = fish/NOUN | beans/NOUN | soup/NOUN | paint/NOUN
food_noun = bread/NOUN | cake/NOUN | cheese/NOUN
drinkable = tea/NOUN | coffee/NOUN | milk/NOUN | 2 water/NOUN | @drinks_noun juice/NOUN
animal_one = the @animal | @my @animal | a @thing_small @animal | the @animal in the @park_place | @named 's @animal
    the duck/NOUN
animals = the @animal.s | @number @animal.s | @animal.s | the ducks/NOUN
thing_small = small/ADJ | old/ADJ | big/ADJ | hungry/ADJ
number = two | three | four | five | six | ten | twenty
weekday = Monday/PROPN | Tuesday/PROPN | Friday/PROPN | Sunday/PROPN
month = 4 May/PROPN | April/PROPN | June/PROPN | July/PROPN | October/PROPN
month_weather = the weather/NOUN in @month
colour = red/ADJ | green/ADJ | blue/ADJ | 2 orange/ADJ | white/ADJ | black/ADJ
thing_adj = new/ADJ | old/ADJ | expensive/ADJ | cheap/ADJ | beautiful/ADJ | useful/ADJ | light/ADJ | heavy/ADJ
    clean/ADJ | small/ADJ
work_adj = good/ADJ | hard/ADJ | interesting/ADJ | long/ADJ | kind/ADJ | difficult/ADJ
late_adj = late/ADJ | fast/ADJ | early/ADJ | cheap/ADJ | slow/ADJ
human_adj = old/ADJ | young/ADJ | 2 kind/ADJ | honest/ADJ | tired/ADJ | happy/ADJ | clever/ADJ | famous/ADJ
    friendly/ADJ
town_adj = beautiful/ADJ | big/ADJ | old/ADJ | quiet/ADJ | clean/ADJ | expensive/ADJ

# -- lists of words -----------------------------------------------------------------------------------------------
town = 3 @city | @country
company = 6 @maker | the Bank/PROPN/B-ORG of/ADP/I-ORG @inside | @paper_town Airlines/PROPN/I-ORG
    @paper_town Hospital/PROPN/I-ORG | the University/PROPN/B-ORG of/ADP/I-ORG @inside
paper = the @paper_town @paper_name
waters = river/NOUN | lake/NOUN | sea/NOUN | 2 Amazon/PROPN/B-LOC
door_like = @closed | gate/NOUN

*/VERB: book plan watch walk water plant park answer fish work play light cook duck guard judge guide train present do
    clean have record fly test drive read eat drink buy sell carry open close paint find cut pay take put hold need
    meet ask thank help give send wait dance tell call show visit go run arrive get like live know look love sleep swim
    bark jump hide forget try see phone ring name dress enjoy remember
travel_from/VERB: travel fly drive move
talk_to/VERB: talk speak
come_from/VERB: come
want_to/VERB: want hope
think/VERB: think say believe know hear
make/VERB: make find buy see sell
trade/VERB: sell make
city/PROPN/LOC: Paris Paris Florence Florence Sydney Victoria Washington Austin Chelsea New_York London Berlin
country/PROPN/LOC: Jordan Jordan Georgia China India Brazil
land/PROPN/LOC: China India Brazil France
first/PROPN/PER: Paris Paris Jordan Jordan Florence Sydney Victoria Austin Georgia May May May Will Will Will April
    June Rose Mark Anna Tom Lucy
last/PROPN/PER: Ford Washington Miller Baker Cook Lincoln
last_name/PROPN/I-PER: Ford Washington Miller Baker Cook Lincoln
maker/PROPN/ORG: Apple Amazon Ford Shell Disney Orange Target Siemens
inside/PROPN/I-ORG: Jordan Victoria Sydney Florence Washington Georgia
paper_town/PROPN/ORG: Paris Sydney Florence Washington Austin
paper_name/PROPN/I-ORG: Times Post News
job/NOUN: guard cook judge guide guard cook judge guide doctor teacher nurse farmer student engineer driver baker
    writer painter singer neighbour child woman man pilot
relative/NOUN: brother sister friend son daughter uncle aunt cousin
animal/NOUN: dog cat horse bird duck cow rabbit sheep
small/NOUN: watch watch watch book book book picture box bag phone phone letter key ring ring cup map toy knife present
    record dress dress lamp plant
job_double/NOUN: guard guide cook judge
mass/NOUN: fish soup paint water milk
bird/NOUN: bird duck
tree/NOUN: tree plant
car/NOUN: car bus truck
vehicle/NOUN: train train train bus plane ship
machine/NOUN: machine computer engine
furniture/NOUN: table chair bed desk sofa
closed/NOUN: door window gate
room/NOUN: kitchen garden room cellar
building/NOUN: school office hospital station library shop factory airport
sight/NOUN: museum castle bridge tower church
park_place/NOUN: park park forest garden
landscape/NOUN: mountain valley hill city
path/NOUN: road path street
event/NOUN: party meeting wedding concert trip lesson
contest/NOUN: contest game
instrument/NOUN: piano guitar violin
green/NOUN: tree plant plant flower
low/NOUN: fence table bridge
wood/NOUN: wood branch rope
letter/NOUN: letter phone
song/NOUN: song concert
readable/NOUN: letter book story newspaper
product/NOUN: phones cars films computers tea oil
clothes/NOUN: coat hat dress
"""

IRREGULAR = """
eat ate eaten | drink drank drunk | buy bought bought | sell sold sold | find found found | cut cut cut | pay paid paid
take took taken | put put put | hold held held | meet met met | give gave given | send sent sent | tell told told
show showed shown | go went gone | run ran run | get got got | know knew known | sleep slept slept | swim swam swum
hide hid hidden | ring rang rung | forget forgot forgotten | see saw seen | fly flew flown | drive drove driven
read read read | light lit lit | do did done | have had had | speak spoke spoken | come came come
think thought thought | say said said | hear heard heard | make made made
"""
DOUBLED = {"plan", "cut", "put", "run", "get", "swim", "forget"}
PLURALS = {"child": "children", "woman": "women", "man": "men", "sheep": "sheep", "knife": "knives"}
SINGULARS = {"have": "has"}

NOT_TOGETHER = ({"i", "me"}, {"we", "us"})

VOWELS = ("a", "e", "i", "o", "u")
LIKE_A_CONSONANT, LIKE_A_VOWEL = ("useful", "university", "european", "one"), ("honest", "hour")


@cache
def grammar() -> Grammar:
    """Return the grammar."""
    return Grammar(RULES, WORDS, inflect)


def finished(words: list[Word]) -> list[Word] | None:
    """Return a drawn sentence as it is written, “an” where it must be, a capital letter first.

    None where nobody would say it so: a word twice in a row, “I” and “me” together.
    """
    forms = [word.form.lower() for word in words]
    if any(one == other for one, other in pairwise(forms)) or any(pair <= set(forms) for pair in NOT_TOGETHER):
        return None
    if any(one == other and mark == "and" for one, mark, other in zip(forms, forms[1:], forms[2:], strict=False)):
        return None
    made = [
        replace(word, form="an") if word.form == "a" and _begins_with_a_vowel(after.form) else word
        for word, after in zip(words, [*words[1:], words[-1]], strict=True)
    ]
    first = made[0]
    return [replace(first, form=first.form[:1].upper() + first.form[1:]), *made[1:]]


def inflect(word: str, tag: str) -> Mapping[str, str]:
    """Return the forms of nouns and verbs: ``.s``; ``.ed``, ``.en`` and ``.ing`` of verbs."""
    if tag == "NOUN":
        return {".s": PLURALS.get(word) or _with_s(word)}
    if tag != "VERB":
        return {}
    past, participle = _irregular().get(word) or (_with("ed", word),) * 2
    return {".s": SINGULARS.get(word) or _with_s(word), ".ed": past, ".en": participle, ".ing": _with("ing", word)}


def _with_s(word: str) -> str:
    if word.endswith(("s", "sh", "ch", "x", "o")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2] not in VOWELS else word + "s"


def _with(ending: str, word: str) -> str:
    if word in DOUBLED:
        return word + word[-1] + ending
    if word.endswith("e") and word[-2] not in "e":
        return word[:-1] + ending
    return (
        word[:-1] + "i" + ending if word.endswith("y") and word[-2] not in VOWELS and ending == "ed" else word + ending
    )


@cache
def _irregular() -> dict[str, tuple[str, str]]:
    forms = (entry.split() for line in IRREGULAR.strip().splitlines() for entry in line.split("|"))
    return {base: (past, participle) for base, past, participle in forms}


def _begins_with_a_vowel(word: str) -> bool:
    word = word.lower()
    return word.startswith(LIKE_A_VOWEL) or (word.startswith(VOWELS) and not word.startswith(LIKE_A_CONSONANT))
