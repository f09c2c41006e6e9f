"""What opinions are made of in English and Chinese: things, words for and against them, and the sentences around.

Every word for has its place in the same sentences as every word against, so that no other word gives the answer away.
"""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """What can be judged together: a film, a meal; its parts, and words only for such things."""

    parts: Words
    good: Words
    bad: Words


@dataclass(frozen=True)
class Tongue:
    """How opinions are put in a language.

    ``{part}`` is what is judged, ``{word}`` the word for or against, ``{much}`` how much, ``{verb}`` what somebody
    does who is for or against.

    Attributes:
        plain, negated: sentences that say something, and that deny it.
        felt, unfelt: the same with a verb.
        much, much_denied: what strengthens or weakens a word, and one that is denied.
        contrasts: how two opinions are joined, ``{weak}`` and the one that counts, ``{strong}``; its ``{part}`` and
            ``{rest}``, where it begins with that.
        openings: what may come before.
    """

    fields: tuple[Field, ...]
    good: Words
    bad: Words
    likes: Words
    dislikes: Words
    plain: Words
    negated: Words
    felt: Words
    unfelt: Words
    much: Words
    much_denied: Words
    contrasts: Words
    openings: Words
    end: str


def _words(text: str) -> Words:
    return tuple(text.split())


def _lines(text: str) -> Words:
    return tuple(line.strip() for line in text.strip().splitlines())


ENGLISH = Tongue(
    fields=(
        Field(
            _words("plot story ending cast script music dialogue acting"),
            _words("gripping exciting moving funny clever"),
            _words("boring dull predictable silly shallow"),
        ),
        Field(
            _words("room bed breakfast hotel bathroom lobby garden"),
            _words("comfortable clean quiet cosy elegant"),
            _words("dirty noisy shabby cramped ugly"),
        ),
        Field(
            _words("soup dessert meal coffee salad cake sauce bread"),
            _words("delicious tasty fresh fragrant"),
            _words("tasteless stale greasy bland"),
        ),
        Field(
            _words("screen battery camera design keyboard phone sound"),
            _words("reliable useful fast modern"),
            _words("unreliable useless slow clumsy"),
        ),
    ),
    good=_words("good great wonderful excellent lovely impressive fantastic superb delightful pleasant"),
    bad=_words("bad terrible awful poor disappointing dreadful horrible mediocre unpleasant annoying"),
    likes=_words("like love enjoy admire recommend"),
    dislikes=_words("dislike hate detest criticise despise"),
    plain=_lines("""
        the {part} is {much}{word}
        the {part} was {much}{word}
        I find the {part} {much}{word}
        everybody calls the {part} {word}
        the {part} seems {much}{word}
        my friends think that the {part} is {much}{word}
        there is something {much}{word} about the {part}
    """),
    negated=_lines("""
        the {part} is not {much}{word}
        the {part} was never {word}
        the {part} is hardly {word}
        the {part} is not {word} at all
        I do not find the {part} {much}{word}
        nobody calls the {part} {word}
        the {part} was far from {word}
        there is nothing {word} about the {part}
        I would not call the {part} {word}
    """),
    felt=_lines("""
        I {verb} the {part}
        we really {verb} the {part}
        most people {verb} the {part}
    """),
    unfelt=_lines("""
        I do not {verb} the {part}
        we could never {verb} the {part}
        nobody could {verb} the {part}
        I hardly {verb} the {part}
    """),
    much=("", "", "very ", "really ", "so ", "truly ", "quite ", "extremely "),
    much_denied=("", "", "very ", "really ", "so ", "particularly "),
    contrasts=_lines("""
        {weak} , but {strong}
        {weak} , but {strong}
        {weak} , yet {strong}
        although {weak} , {strong}
        even though {weak} , {strong}
        {strong} , although {weak}
        {strong} , even though {weak}
    """),
    openings=("", "", "", "to be honest , ", "in the end , ", "for me , "),
    end=" .",
)

CHINESE = Tongue(
    fields=(
        Field(
            _words("剧情 故事 结尾 演技 台词 音乐 画面"),
            _words("精彩 有趣 感人 好看 动人"),
            _words("无聊 乏味 难看 沉闷 老套"),
        ),
        Field(
            _words("房间 酒店 大厅 浴室 花园 床"),
            _words("舒服 干净 安静 漂亮 温馨"),
            _words("脏 吵 破旧 拥挤 简陋"),
        ),
        Field(
            _words("汤 甜点 咖啡 沙拉 蛋糕 面包 菜"),
            _words("好吃 新鲜 可口 香"),
            _words("难吃 油腻 寡淡 腥"),
        ),
        Field(
            _words("屏幕 电池 相机 键盘 手机 音质 外观"),
            _words("耐用 好用 可靠 时尚"),
            _words("难用 粗糙 落后 笨重"),
        ),
    ),
    good=_words("好 棒 出色 优秀 完美 理想 令人满意 令人惊喜"),
    bad=_words("差 糟 糟糕 平庸 恶劣 可怕 令人失望 令人讨厌"),
    likes=_words("喜欢 欣赏 怀念 看好 喜爱"),
    dislikes=_words("讨厌 嫌弃 反感 厌恶"),
    plain=_lines("""
        {part}{much}{word}
        这里的{part}{much}{word}
        我觉得{part}{much}{word}
        大家都说{part}{much}{word}
        {part}让人觉得{much}{word}
    """),
    negated=_lines("""
        {part}{much}{word}
        这里的{part}{much}{word}
        我不觉得{part}{word}
        没有人说{part}{word}
        我从来没有觉得{part}{word}
        {part}没有那么{word}
        {part}谈不上{word}
    """),
    felt=_lines("""
        我很{verb}{part}
        大家都{verb}{part}
        我真的{verb}这里的{part}
    """),
    unfelt=_lines("""
        我不{verb}{part}
        我并不{verb}这里的{part}
        没有人{verb}{part}
        我一点也不{verb}{part}
    """),
    much=("很", "很", "非常", "真", "特别", "十分"),
    much_denied=("不", "并不", "一点也不", "不太", "从来不"),
    contrasts=_lines("""
        {weak}，但是{strong}
        {weak}，不过{strong}
        虽然{weak}，但是{strong}
        虽然{weak}，不过{strong}
        尽管{weak}，但是{strong}
        尽管{weak}，{part}却{rest}
        虽然{weak}，{part}却{rest}
        {weak}，{part}却{rest}
        {strong}，尽管{weak}
    """),
    openings=("", "", "", "说实话，", "总的来说，", "对我来说，"),
    end="。",
)

TONGUES = {"en": ENGLISH, "zh": CHINESE}
