"""Sentiment: labels follow the rule of negation and contrast, and words alone do not tell them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from playground.data.sentiment import Sentiment
from playground.preparation import Preparation, prepare
from playground.preparation.tokens import words

LANGUAGES = ["en", "zh"]

GOOD = {
    "en": "gripping exciting moving funny clever comfortable clean quiet cosy elegant delicious tasty fresh fragrant "
    "reliable useful fast modern good great wonderful excellent lovely impressive fantastic superb delightful pleasant "
    "like love enjoy admire recommend",
    "zh": "精彩 有趣 感人 好看 动人 舒服 干净 安静 漂亮 温馨 好吃 新鲜 可口 香 耐用 好用 可靠 时尚 好 棒 出色 优秀 "
    "完美 理想 令人满意 令人惊喜 喜欢 欣赏 怀念 看好 喜爱",
}
BAD = {
    "en": "boring dull predictable silly shallow dirty noisy shabby cramped ugly tasteless stale greasy bland "
    "unreliable useless slow clumsy bad terrible awful poor disappointing dreadful horrible mediocre unpleasant "
    "annoying dislike hate detest criticise despise",
    "zh": "无聊 乏味 难看 沉闷 老套 脏 吵 破旧 拥挤 简陋 难吃 油腻 寡淡 腥 难用 粗糙 落后 笨重 差 糟 糟糕 平庸 恶劣 "
    "可怕 令人失望 令人讨厌 讨厌 嫌弃 反感 厌恶",
}
DENIALS = {
    "en": r"\b(not|never|hardly|nobody|nothing|far from)\b",
    "zh": r"不觉得|没有人|没有那么|从来没有|从来不|谈不上|一点也不|并不|不太|不",
}


def main_clause(text: str, language: str) -> str:
    """Return the part of a sentence that counts."""
    text = text.lower().removesuffix(" .").removesuffix("。")
    for opening in ("to be honest , ", "in the end , ", "for me , ", "说实话，", "总的来说，", "对我来说，"):
        text = text.removeprefix(opening)
    if language == "en":
        if found := re.fullmatch(r"(?:although|even though) .* , (.*)", text):
            return found[1]
        text = re.sub(r" , (?:although|even though) .*", "", text)
        return re.sub(r".* , (?:but|yet) ", "", text)
    text = text.partition("，尽管")[0]
    return text.rpartition("，")[2].removeprefix("但是").removeprefix("不过")


def judged(text: str, language: str) -> int:
    """Tell by the stated rule whether a sentence is for (1) or against (0), without the program's own parts."""
    clause = main_clause(text, language)
    turned = len(re.findall(DENIALS[language], clause))
    said = re.sub(DENIALS[language], "", clause)
    for one, kinds in sorted(
        [(word, 1) for word in GOOD[language].split()] + [(word, 0) for word in BAD[language].split()],
        key=lambda entry: -len(entry[0]),
    ):
        if re.search(rf"\b{one}\b" if language == "en" else one, said):
            return kinds ^ (turned % 2)
    raise AssertionError(text)


def is_plain(text: str, language: str) -> bool:
    """Whether nothing is denied and nothing contrasted."""
    joined = r"\b(but|yet|although|though)\b" if language == "en" else "但是|不过|尽管|虽然|却"
    return not re.search(f"{DENIALS[language]}|{joined}", text.lower())


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("The plot is not good .", "en", 0),
        ("For me , nobody calls the soup bad .", "en", 1),
        ("The plot is dull , but the acting is wonderful .", "en", 1),
        ("The plot is wonderful , although the acting was never dull .", "en", 1),
        ("虽然剧情无聊，但是演技很精彩。", "zh", 1),
        ("房间并不脏，大厅却很吵。", "zh", 0),
    ],
)
def test_the_rule_of_the_test_reads_as_people_do(text: str, language: str, label: int) -> None:
    assert judged(text, language) == label


@given(
    st.sampled_from(LANGUAGES),
    st.integers(200, 400),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=25, deadline=None)
def test_whatever_is_set_labels_follow_the_rule_and_are_balanced(
    language: str, count: int, negation: float, contrast: float, seed: int
) -> None:
    source = Sentiment(language=language, count=count, negation=negation, contrast=contrast, seed=seed)
    data = source.read()
    assert data.facts.counts == {"train": count, "test": count // 5}
    for examples in data.splits.values():
        labels = examples.targets["label"]
        assert abs(int(np.sum(labels)) * 2 - len(labels)) <= 1
        assert [judged(text, language) for text in examples.inputs["text"]] == labels.tolist()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_sentences_are_the_same(language: str) -> None:
    texts = [text for one in Sentiment(language=language).read().splits.values() for text in one.inputs["text"]]
    assert len(set(texts)) == len(texts)


def counting(source: Sentiment) -> tuple[np.ndarray, list[str]]:
    """Let a linear model of the counts of words learn; return which test sentences it gets right, and these."""
    splits = source.read().splits
    counts = CountVectorizer(analyzer=lambda text: words(text.lower()))
    seen = counts.fit_transform(splits["train"].inputs["text"])
    model = LogisticRegression(max_iter=500).fit(seen, splits["train"].targets["label"])
    texts = list(splits["test"].inputs["text"])
    return model.predict(counts.transform(texts)) == splits["test"].targets["label"], texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_counting_words_fails_where_something_is_denied_or_contrasted(language: str) -> None:
    right, texts = counting(Sentiment(language=language))
    plain = np.array([is_plain(text, language) for text in texts])
    assert 0.25 < plain.mean() < 0.6
    assert right[~plain].mean() < 0.6
    assert right.mean() < 0.75


@pytest.mark.parametrize("language", LANGUAGES)
def test_counting_words_is_enough_where_nothing_is(language: str) -> None:
    right, _ = counting(Sentiment(language=language, negation=0.0, contrast=0.0))
    assert right.mean() > 0.99


@pytest.mark.parametrize("language", LANGUAGES)
def test_shares_are_what_is_asked_for(language: str) -> None:
    def texts(**shares: float) -> list[str]:
        return list(Sentiment(language=language, count=400, **shares).read().splits["train"].inputs["text"])

    assert all(is_plain(text, language) for text in texts(negation=0.0, contrast=0.0))
    assert all(re.search(DENIALS[language], text.lower()) for text in texts(negation=1.0, contrast=0.0))
    joined = [len(re.findall("but|yet|though|但是|不过|尽管|虽然|却", text.lower())) for text in texts(contrast=1.0)]
    assert all(joined)


def test_texts_are_parted_when_they_are_prepared() -> None:
    made = prepare(Sentiment(language="zh").read(), Preparation(), seed=1)
    assert all(len(token) == 1 for token in made.vocabularies["text"][2:])
    assert prepare(Sentiment().read(), Preparation(), seed=1).facts.vocabularies["text"] > 120
