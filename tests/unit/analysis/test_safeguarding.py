"""Possible abuse, injury or an accused worker is held back, in both languages; ordinary complaints are not."""

import time

import pytest

from app.analysis.safeguarding import signs_in


@pytest.mark.parametrize(
    "text",
    [
        "One of the aides slapped Mum because she would not eat",
        "He grabbed my son by the collar and dragged him off the bus",
        "She comes home from day care with bruises on both wrists",
        "The night nurse left him lying in his own mess till noon",
        "My nan is frightened of the new man who washes her",
        "Driver smelt of drink again",
        "They had her tied to the chair when I walked in",
        "Forty pounds cash gone from her purse after every visit",
        "A volunteer touched my daughter on the minibus",
        "She was given the wrong tablets twice this week",
        "阿姨扇了老人一巴掌",
        "司机动手推搡学生",
        "我妈身上青一块紫一块，问护工说是碰的",
        "托管班老师把孩子反锁在厕所里",
        "奶奶的金戒指不见了，只有她进过屋",
        "护工不给他喝水，说省得换尿布",
        "那个教练老摸女孩子的腿",
        "送餐的一身酒味",
    ],
)
def test_what_may_be_harm_is_held_back(text):
    assert signs_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "The bin was not emptied this week either",
        "Please could the nurse come before nine?",
        "Bus 14 was late again and packed",
        "The new app is easy to use, well done",
        "Water pressure is weak on the fourth floor",
        "垃圾两天没收了",
        "请问游泳馆几点开门",
        "打了三回电话没人接",
        "修得又快又好，谢谢师傅",
        "停车费涨了一倍",
    ],
)
def test_other_feedback_is_not(text):
    assert not signs_in(text)


def test_double_the_hostile_text_takes_about_double_the_time():
    def seconds_for(text: str) -> float:
        began = time.process_time()
        signs_in(text)
        return time.process_time() - began

    for unit in ("he ", "left ", "carer was ", "打了", "handled ", "money a b "):
        text = (unit * 10_000)[:10_000]
        assert seconds_for(text) < max(3.4 * seconds_for(text[:5_000]), 0.1)
