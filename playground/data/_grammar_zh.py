"""The grammar of the Chinese sentences: words that are two parts of speech, names that are words, and enough around.

The tags are those of Universal Dependencies: measure words are nouns, what stands after a place (上, 里) is an
adposition, aspect (了, 过, 着) and modal verbs are auxiliaries. A rule that is asked for by ``.ed`` has 了 where it
belongs.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from playground.data._productions import Grammar, Word

WORDS = """
PRON: 我 你 他 她 我们 他们 你们 谁 自己 大家 哪里
PART: 的 吗 吧 呢 们
AUX: 了 着 能 可以 应该 必须 是
ADV: 不 没 很 非常 都 也 就 正在 已经 常常 总是 最 更 太 一起 再 为什么 马上 别 刚
CCONJ: 和 或者 但是
SCONJ: 因为 所以 虽然 如果 要是
ADP: 从 里 向 被 旁边 前面 后面 为了
NUM: 一 两 三 四 五 十 几 二十
DET: 每 什么 哪 各
PUNCT: 。 ？ ， ！
NOUN: 昨天 今天 明天 早上 晚上 去年 上午 下午 星期天 钱 人 时候 年 天 小时 次 个 位 本 张 件 条 棵 朵 辆 封 座 杯 块
NOUN: 世界
VERB: 去 来 有 叫 请 让 坐 说
"""

RULES = """
sentence = 15 @statement 。 | 3 @clause 吗 ？ | 2 @question ？ | 3 @order 。

statement = 12 @clause | 2 @time ， @doing | @doing ， @clause_too | 因为 @doing ， 所以 @done
    虽然 @told ， 但是 @told | 如果 @if_clause ， @person 就 @modal @act | 2 @person @think @told
    @person @act.ed ， 也 @act.ed
clause = 4 @person @time? @act.ed | 3 @person @modal @act | 2 @person @not @act | 2 @person @often @act | 4 @ongoing
    4 @being | 2 @past_life | 6 @locating | 5 @nouns | 2 @comparing | 2 @manner | 3 @business | 7 @named_things
    4 @single
doing = 2 @person @act.ed | @person @not @act | @ongoing
done = 2 @person @act.ed | @person @modal @act
told = 2 @doing | @done | @being | @past_life | @business
clause_too = @person 也 @modal @act | @person 没/ADV @act | 大家 都 @modal @act
if_clause = @person 不 @act | @person @time @modal @act | @person 有 @topic_work | 明天 下/VERB 雨/NOUN
    @person 没有/VERB 钱
think = 说/VERB | 知道/VERB | 觉得/VERB | 相信/VERB | 听说/VERB | 认为/VERB | 发现/VERB
not = 不 | 没 | 没有/ADV | 不 想/AUX | 不 会/AUX | 不 要/AUX
often = 常常 | 总是 | 老/ADV | @time 都 | 每 天 都 | 只/ADV | 还/ADV
modal = 2 想/AUX | 3 会/AUX | 3 要/AUX | 能 | 可以 | 应该 | 必须 | 2 得/AUX | 明天 要/AUX
time = 昨天 | 今天 | @part | 去年 | 上午 | 下午 | 星期天 | @clock 点/NOUN
part = 今天 早上 | 昨天 晚上 | 早上 | 晚上
clock = 三 | 五 | 十 | 四
le = ()
le.ed = 了

# -- who -------------------------------------------------------------------------------------------------------
person = 7 @name | 4 @pronoun | 3 @this_one | 2 @whose @relative | @job @name_known | @placed @job
    穿/VERB @colour 衣服/NOUN 的 @job | 2 这/DET @clf_person @double_job | @whose @double_job | @name 的 @relative
    老/ADJ @job | @name 和 @name | 在/ADP @org 工作/VERB 的 @relative
pronoun = 我 | 他 | 她 | 我们 | 他们 | 你 | 大家
whom = 4 @name | 我 | 他 | 她 | 我们 | 2 @whose @relative | 这/DET @clf_person @job | @this_one
this_one = 这/DET @clf_person @job | 那/DET @clf_person @job | 那/DET @clf_person @young 的 @job
whose = 2 我 的 | 他 的 | 她 的 | 我们 的 | @name 的
clf_person = 个 | 位
placed = @city 的 | @org 的
name = 3 @plain_name | 5 @word_name
name_known = @plain_name

# -- what people do: the form .ed has 了 -------------------------------------------------------------------------
act = 3 @journey~ | 5 @handle~ | 4 @talk~ | 8 @double~ | 3 @spend~ | 2 @want~
journey = 去 @le~ @city | 坐 @vehicle 去 @le~ @city | 到/VERB @le~ @city | 到/ADP @place 去
    从 @city 到/VERB @le~ @city | 去 @place @look_for | 过/VERB @le~ @passed | 上/VERB @le~ @boarded
    下/VERB @le~ @vehicle | 上/VERB @le~ @mountain | 在/ADP @city 下/VERB @le~ @vehicle | 过/VERB @le~ 生日/NOUN
    跟/VERB 着 @whom 去 @le~ @place | 回/VERB @le~ @city | 离开/VERB @le~ @city
look_for = 找/VERB @whom | 看/VERB 书/NOUN | 吃/VERB 饭/NOUN | 上/VERB 课/NOUN | 买/VERB @food | 开/VERB 会/NOUN
handle = 看/VERB @le~ @readable_one | 买/VERB @le~ @goods | 把/ADP @thing 放/VERB 在/ADP @furniture 上/ADP
    2 把/ADP @closed 锁/VERB 上/VERB @le~ | 把/ADP @closed 打开/VERB @le~ | 用/ADP 刀/NOUN 切/VERB @le~ @cut
    用/ADP 钥匙/NOUN 开/VERB @le~ @closed | 吃/VERB @le~ @food | 喝/VERB @le~ @drink | 要/VERB @le~ @order_one
    点/VERB @le~ @order_one | 用/VERB @le~ @machine | 还/VERB @le~ @borrowed | 洗/VERB @le~ @clothes_one
    卖/VERB @le~ @goods | 把/ADP @readable_word 还/VERB 给/ADP @whom | 把/ADP @thing 给/VERB @le~ @whom
    找/VERB 到/VERB @le~ @thing | 种/VERB @le~ @flower_one | 下/VERB 棋/NOUN
talk = 3 给/ADP @whom 打/VERB @le~ 电话/NOUN | 3 给/VERB @le~ @whom @gift | 给/ADP @whom 买/VERB @le~ @gift
    跟/ADP @whom 说话/VERB | 跟/ADP @whom 一起 @simple | 帮助/VERB @le~ @whom | 问/VERB @le~ @whom @asked
    请 @whom 吃/VERB @le~ 饭/NOUN | 想/VERB @whom | 等/VERB @le~ @whom | 给/ADP @whom 写/VERB @le~ 信/NOUN
    见/VERB @le~ @whom | 对/ADP @whom 说/VERB @le~ @topic_news | 给/ADP @whom 表演/VERB @le~ 节目/NOUN
    向 @whom 报告/VERB @le~ @topic_news
double = 2 研究/VERB @le~ @topic | 2 翻译/VERB @le~ @readable_one | 2 代表/VERB @org 参加/VERB @le~ @event
    2 领导/VERB @le~ @group | 画/VERB @le~ @drawn | 练习/VERB @le~ @instrument | 表演/VERB @le~ 节目/NOUN
    安排/VERB @le~ @arranged | 准备/VERB @le~ @arranged | 回答/VERB @le~ 问题/NOUN | 编辑/VERB @le~ @readable_one
    导演/VERB @le~ @film_one | 要求/VERB @whom @simple | 计划/VERB 去 @city | 2 在/ADP @place @simple_work
    影响/VERB @le~ @whom | 锁/VERB 上/VERB @le~ @closed | 开/VERB @le~ 会/NOUN | 开/VERB @le~ 一 个 会/NOUN
    教育/VERB @le~ 孩子/NOUN | 学习/VERB @le~ @subject | 批评/VERB @le~ @whom | 建议/VERB @whom @simple
    开始/VERB @simple_work | 希望/VERB @simple | 设计/VERB @le~ @machine | 决定/VERB @simple | 组织/VERB @le~ @event
    调查/VERB @le~ @topic
spend = 花/VERB @le~ @number 块 钱 | 花/VERB @le~ @number 个 小时 @simple | 用/VERB @le~ @number 个 小时 @simple
    白/ADV 花/VERB @le~ 钱 | 白/ADV 来 @le~ 一 次 | 白/ADV 等/VERB @le~ @number 个 小时
    花/VERB @le~ 很 多/ADJ 钱 买/VERB @gift
want = 要求/VERB 去 @city | 希望/VERB 去 @place | 准备/VERB @simple | 计划/VERB @simple
simple = 看/VERB @readable_word | 吃/VERB 饭/NOUN | 去 @city | 画/VERB 画/NOUN | 下/VERB 棋/NOUN | 上/VERB 课/NOUN
    学习/VERB @subject | 翻译/VERB @readable_word | 回答/VERB 问题/NOUN | 开/VERB 会/NOUN | 写/VERB 报告/NOUN
    做/VERB 练习/NOUN | 研究/VERB @topic | 过/VERB 马路/NOUN | 练习/VERB @instrument | 参加/VERB @event
simple_work = 工作/VERB | 学习/VERB | 生活/VERB | 休息/VERB | 看/VERB 书/NOUN | 吃/VERB 饭/NOUN | 开/VERB 会/NOUN
    表演/VERB | 画/VERB 画/NOUN | 练习/VERB @instrument
ongoing = 4 @person 在/ADV @simple | 2 @person 在/ADV @simple_work | 2 @person 正在 @simple
    @animal_one 在/ADV 吃/VERB @feed | @person 看/VERB 着 @whom | @person 在/ADV 等/VERB @whom
    @person 在/ADV 花/VERB 钱 | @person 在/ADV 编辑/VERB @readable_word
past_life = 2 @person 去 过/AUX @city | @person 见/VERB 过/AUX @whom | @person 看/VERB 过/AUX @readable_one
    @person 没 去 过/AUX @city | @person 吃/VERB 过/AUX @food | @person 在/ADP @org 工作/VERB 过/AUX @number 年
    @person 学/VERB 过/AUX @instrument_word | @person 来 过/AUX @place | @person 当/VERB 过/AUX @job

# -- being -------------------------------------------------------------------------------------------------------
being = 2 @person 很 @feeling | @person 是 @job | @person 是 @org 的 @double_job | @person 是 @city 人
    2 @thing_this 很 @quality | @person 对/ADP @whom 很 @kind | 2 这/PRON 是 @clf_thing | 那/PRON 是 @whose @thing
    答案/NOUN 很 对/ADJ | @person 的 话/NOUN 不 对/ADJ | @person 对/ADP @topic 很 感兴趣/ADJ
    @person 的 头发/NOUN 已经 白/ADJ 了 | @whose @clothes 太 白/ADJ | @whose @animal 很 老/ADJ
    @person 有 @number 个 @relative | @whose 答案/NOUN 是 对/ADJ 的 | @person 的 回答/NOUN 很 对/ADJ
locating = 2 @thing 在/VERB @furniture 上/ADP | @thing 在/VERB @furniture 下/ADP | 2 @person 在/VERB @place
    @person 在/VERB 家/NOUN | @person 不 在/VERB 家/NOUN | @furniture 上/ADP 有 @clf_thing | @place 里 有 @clf_thing
    @person 在/VERB @vehicle 上/ADP | @animal_one 在/VERB @furniture 下/ADP | @place 在/VERB @org_place 旁边
    @tree 下/ADP 有 @animal_count | 墙/NOUN 上/ADP 有 一 张 画/NOUN | @person 不 在/VERB @place
    @mountain 上/ADP 有 很 多/ADJ @tree | @person 没有/VERB @gift_word | @person 没有/VERB 时间/NOUN
    院子/NOUN 里 没有/VERB 花/NOUN
nouns = 4 @whose @work 很 @work_adj | 2 @person 有 @topic_work | 2 这/DET 个 @work 很 @work_adj
    @person 的 @work 影响/VERB 了 @whom | @person 听/VERB 了 @whose 报告/NOUN | @person 喜欢/VERB @whose @art
    @person 需要/VERB 帮助/NOUN | 这/DET 个 会/NOUN 很 @long | 会/NOUN 已经 开始/VERB 了
    那/DET @clf_person @double_job 来 了 | @person 找/VERB 到/VERB 工作/NOUN 了 | 2 @person 完成/VERB 了 @whose @work
    花/NOUN 已经 开/VERB 了 | @place 里 的 花/NOUN 很 @flower_adj | 门/NOUN 上/ADP 的 锁/NOUN 很 @quality
    @person 听/VERB 了 老师/NOUN 的 @advice | @person 同意/VERB 这/DET 个 @work | 这/DET 种/NOUN 花/NOUN 很 @flower_adj
    @person 不 习惯/VERB 这里/PRON 的 生活/NOUN | 大家 讨论/VERB 了 @whose @work | 生活/NOUN 很 @work_adj
comparing = 3 @person 比/ADP @whom @taller | @city 比/ADP @city 大/ADJ | @person 要/AUX 跟/ADP @whom 比/VERB @contest
    @person 跟/ADP @whom 比/VERB 了 一 次 | 这/DET 本 书/NOUN 比/ADP 那/DET 本 好/ADJ
manner = @person 跑/VERB 得/PART 很 快/ADJ | @person 说/VERB 得/PART 很 @well | @person 画/VERB 得/PART 很 @well
    @person 工作/VERB 得/PART 很 @well | @person 好/ADV @feeling_much | @place 好/ADV 大/ADJ
    @person 来 得/PART 太 晚/ADJ | @person 唱/VERB 得/PART 很 好/ADJ | 这/DET 朵 花/NOUN 好/ADV 香/ADJ
    @whose 身体/NOUN 很 好/ADJ
single = 昨天 下/VERB 了 @fallen | 外面/NOUN 在/ADV 下/VERB @fallen | 明天 会/AUX 下/VERB @fallen
    阳光/NOUN 照/VERB 在/ADP @furniture 上/ADP | @person 只/ADV 有 一 只/NOUN @animal
    @animal_count 过/VERB 了 @passed | 院子/NOUN 里 有 @flower_one | @animal_one 只/ADV 吃/VERB @feed
    天/NOUN 快/ADV 亮/VERB 了
fallen = 雨/NOUN | 雪/NOUN

# -- names that are words, and companies --------------------------------------------------------------------------
named_things = 2 @peace_person @love 和平/NOUN | 世界 和平/NOUN 很 重要/ADJ | 2 @people 为了 和平/NOUN 工作/VERB
    @person 庆祝/VERB 了 @event 的 胜利/NOUN | 胜利/NOUN 很 重要/ADJ | 黎明/NOUN 前/ADP ， @done
    他们 为了 胜利/NOUN 努力/VERB 工作/VERB | @people 希望/VERB 胜利/NOUN | 阳光/NOUN 很 好/ADJ
    今天 的 阳光/NOUN 很 好/ADJ | @person 在/ADP 黎明/NOUN 前/ADP 离开/VERB 了 @city
    @person 看/VERB 到/VERB 了 一 座 高峰/NOUN | 那/DET 座 高峰/NOUN 很 高/ADJ
    @person 要/AUX 上/VERB 那/DET 座 高峰/NOUN | @person 买/VERB 了 一 朵 玉兰/NOUN
    院子/NOUN 里 的 玉兰/NOUN 开/VERB 了 | 一 只/NOUN 海燕/NOUN 在/ADV 飞/VERB | 海燕/NOUN 飞/VERB 过/VERB 了 @high
    @river 很 长/ADJ | @person 在/ADP @river 旁边 工作/VERB | @person 坐 船/NOUN 过/VERB 了 @river
    @person 从 @river 回来/VERB 了 | @person 吃/VERB 了 一 个 苹果/NOUN | @people 喜欢/VERB 喝/VERB 小米/NOUN 粥/NOUN
    苹果/NOUN 很 好吃/ADJ | 小米/NOUN 涨/VERB 了 @number 块 钱 | 为了 大众/NOUN ， @person @modal @simple
    大众/NOUN 喜欢/VERB 这/DET 本 书/NOUN | @person 的 长城/NOUN 照片/NOUN 很 好/ADJ
love = 热爱/VERB | 希望/VERB | 需要/VERB | 带来/VERB
peace_person = @people | 世界 | 大家
people = 人们/NOUN | 大家 | 他们 | 我们 | 农民/NOUN | 学生/NOUN
business = 2 @org 在/ADP @city 开/VERB 了 @shop_one | @org 生产/VERB @product | 2 @org 的 @product 很 @quality
    @org 的 股票/NOUN 涨/VERB 了 | @org 要/AUX 买/VERB @org 的 工厂/NOUN | 2 @person 在/ADP @org 工作/VERB
    @org 计划/VERB 生产/VERB @product | @org 的 代表/NOUN 到/VERB 了 @city
    @person 买/VERB 了 一 辆 @car_maker 汽车/NOUN | @org 的 计划/NOUN 很 @work_adj
    @org 公布/VERB 了 @whose_org 报告/NOUN | @person 用/ADP @phone_maker 手机/NOUN 给/ADP @whom 打/VERB 电话/NOUN
    @person 代表/VERB @org 去 了 @city
whose_org = 去年 的 | 今年/NOUN 的
shop_one = 一 个 工厂/NOUN | 一 个 商店/NOUN | 两 个 工厂/NOUN
org = 3 @word_org | @word_org 公司/NOUN/I-ORG | @city_org 大学/NOUN/I-ORG | @city_org 医院/NOUN/I-ORG
    @city_org 银行/NOUN/I-ORG
org_place = @city_org 大学/NOUN/I-ORG | @city_org 医院/NOUN/I-ORG | @city_org 银行/NOUN/I-ORG

# -- questions and orders ------------------------------------------------------------------------------------------
question = 谁 @act.ed | 谁 在/VERB @place | @person 在/ADP 哪里 工作/VERB | @person 为什么 @not_ask @act
    @person 什么 时候/NOUN 去 @city | @person 买/VERB 了 几 本 书/NOUN | @person 想/AUX 要/VERB 什么/PRON
    这/PRON 是 谁 的 @thing | 谁 要/AUX 代表/VERB @org 发言/VERB | @person 在/ADV 做/VERB 什么/PRON
    哪/DET @clf_person @double_job 来 了 | @person 花/VERB 了 几 块 钱 | @person 几 点/NOUN 上/VERB 课/NOUN
    @whose @work 是 什么/PRON | @thing 在/VERB 哪里
not_ask = 不 | 没 | 没有/ADV | 要/AUX | 老/ADV
errand = 3 @journey~ | 5 @handle~ | 4 @talk~ | 8 @double~
order = 3 请/VERB @errand | 别/ADV @act | 请/VERB 你 @errand | 不/ADV 要/AUX @act | @errand 吧
    2 请/VERB 把/ADP @thing 给/VERB 我 | 请/VERB 跟/VERB 我 来 | 请/VERB 给/VERB 我 @gift
    请/VERB 给/ADP 我 打/VERB 电话/NOUN

# -- things --------------------------------------------------------------------------------------------------------
number = 两 | 三 | 四 | 五 | 十 | 二十
goods = 2 @clf_thing | @number 本 书/NOUN | @number 张 票/NOUN | 很 多/ADJ @thing | 2 一 把/NOUN @handled
    一 件 @clothes | 一 块 蛋糕/NOUN | 一 只/NOUN @animal
gift = 一 本 @readable_word | 一 张 票/NOUN | 2 一 把/NOUN @handled | 一 朵 花/NOUN | 三 朵 花/NOUN | 一 件 衣服/NOUN
    一 个 @work_gift | 一 张 画/NOUN | @number 个 苹果/NOUN | 一 把/NOUN 锁/NOUN
work_gift = 建议/NOUN | 机会/NOUN | 计划/NOUN | 工作/NOUN
gift_word = 钱/NOUN | 工作/NOUN | 计划/NOUN | 车/NOUN
clf_thing = 一 本 @readable_word | 一 张 @sheet | 2 一 把/NOUN @handled | 一 个 @small | 一 朵 花/NOUN | 一 封 信/NOUN
    一 件 @clothes | 两 只/NOUN @animal | 一 辆 车/NOUN
flower_one = 一 朵 花/NOUN | 一 棵 @tree | 很 多/ADJ 花/NOUN | 一 朵 玉兰/NOUN
readable_one = 一 本 书/NOUN | 这/DET 本 书/NOUN | @number 本 书/NOUN | 一 封 信/NOUN | @whose 报告/NOUN
    这/DET 个 报告/NOUN
order_one = 一 杯 @drink | 两 杯 @drink | 一 个 菜/NOUN | @number 个 菜/NOUN
borrowed = 书/NOUN | 钱/NOUN | 那/DET 本 书/NOUN | @whose 车/NOUN
clothes_one = 一 件 衣服/NOUN | 衣服/NOUN | @whose @clothes
drawn = 一 张 画/NOUN | 一 朵 花/NOUN | 两 只/NOUN @animal | 一 棵 @tree
film_one = 一 个 节目/NOUN | 两 个 节目/NOUN | 这/DET 个 电影/NOUN
topic_work = 一 个 @work | 很 多/ADJ 工作/NOUN | 一 个 会/NOUN | @number 个 会/NOUN
topic_news = 自己 的 @work | 这/DET 个 计划/NOUN | 一 个 故事/NOUN
arranged = @whose 工作/NOUN | 考试/NOUN | 明天 的 会/NOUN | 明天 的 工作/NOUN | 一 个 活动/NOUN | 晚上 的 表演/NOUN
    这/DET 个 活动/NOUN | 去 @city 的 计划/NOUN
asked = 一 个 问题/NOUN | 这/DET 个 问题/NOUN
thing_this = 这/DET 本 @readable_word | 那/DET 张 @sheet | 2 这/DET 把/NOUN @handled | 这/DET 个 @small
    那/DET 件 @clothes
thing = @readable_word | @handled | @small
animal_one = 那/DET 只/NOUN @animal | @whose @animal | 一 只/NOUN @animal
animal_count = 一 只/NOUN @animal | @number 只/NOUN @animal
feed = 草/NOUN | 米饭/NOUN | 面包/NOUN
contest = 力气/NOUN | 速度/NOUN
taller = 高/ADJ | 大/ADJ 两 岁/NOUN | 聪明/ADJ | 忙/ADJ | 努力/ADJ
kind = 好/ADJ | 客气/ADJ | 热情/ADJ | 严格/ADJ
well = 好/ADJ | 快/ADJ | 慢/ADJ | 漂亮/ADJ
long = 长/ADJ | 重要/ADJ | 短/ADJ
flower_adj = 漂亮/ADJ | 香/ADJ | 红/ADJ | 白/ADJ
feeling_much = 高兴/ADJ | 忙/ADJ | 累/ADJ
colour = 红/ADJ | 白/ADJ | 黑/ADJ
young = 年轻/ADJ | 老/ADJ | 聪明/ADJ | 热情/ADJ
art = 画/NOUN | 表演/NOUN | 设计/NOUN | 翻译/NOUN | 故事/NOUN
advice = 建议/NOUN | 要求/NOUN | 批评/NOUN | 安排/NOUN
boarded = @vehicle | 车/NOUN
passed = 马路/NOUN | 桥/NOUN | @river | 这/DET 座 桥/NOUN
word_name = @word_name_list

# -- lists of words --------------------------------------------------------------------------------------------------
plain_name/PROPN/PER: 李明 王芳 张伟 刘洋 陈静 赵强 小红 小刚
word_name_list/PROPN/PER: 和平 和平 胜利 黎明 高峰 玉兰 海燕 阳光 长江 黄河 长城
city/PROPN/LOC: 北京 上海 广州 西安 南京 杭州 成都 香港 英国 日本 长沙
river/PROPN/LOC: 长江 黄河
high/PROPN/LOC: 长江 黄河 长城 泰山
mountain/PROPN/LOC: 泰山 黄山 长城
word_org/PROPN/ORG: 苹果 苹果 小米 大众 长江 长城 黄河 东方 联想 方正
city_org/PROPN/ORG: 北京 上海 广州 南京 东方 香港 长江
car_maker/PROPN/ORG: 大众 长城 东方
phone_maker/PROPN/ORG: 苹果 小米
job/NOUN: 老师 医生 学生 司机 记者 工人 农民 警察 护士 作家 校长
double_job/NOUN: 代表 翻译 编辑 领导 导演 代表 领导
relative/NOUN: 朋友 妈妈 爸爸 哥哥 妹妹 同学 同事 孩子 邻居 女儿
group/NOUN: 工人 学生 农民 大家 军队
animal/NOUN: 猫 狗 鸟 鸡 羊 鸭子
vehicle/NOUN: 火车 飞机 汽车 船 地铁
place/NOUN: 学校 医院 公园 图书馆 商店 办公室 教室 机场 饭馆
furniture/NOUN: 桌子 椅子 床 沙发 车
tree/NOUN: 树 苹果树
readable_word/NOUN: 书 小说 词典 书 杂志
sheet/NOUN: 画 票 照片 报纸 画 地图
handled/NOUN: 椅子 刀 伞 锁 钥匙 锁
cut/NOUN: 苹果 鱼 面包 蛋糕 肉
small/NOUN: 手机 杯子 书包 苹果 盒子
closed/NOUN: 门 窗户 教室 房间 箱子
clothes/NOUN: 衣服 毛衣 大衣
food/NOUN: 苹果 鱼 面包 米饭 蛋糕 肉
drink/NOUN: 茶 咖啡 水 牛奶 果汁
machine/NOUN: 电脑 机器 手机
instrument/NOUN: 钢琴 汉字 发音 英语
instrument_word/NOUN: 英语 法语 钢琴 画
subject/NOUN: 历史 数学 英语 音乐 法语
topic/NOUN: 历史 音乐 经济 语言 环境 问题 花
event/NOUN: 比赛 会议 活动 考试 婚礼 表演
product/NOUN: 手机 汽车 电脑 机器 衣服
work/NOUN: 工作 计划 研究 报告 翻译 练习 表演 希望 生活 要求 回答 安排 建议 设计 决定 调查 学习 准备
work_adj/ADJ: 好 重要 难 有意思 简单 特别
quality/ADJ: 新 旧 贵 便宜 漂亮 好 大 重
feeling/ADJ: 高兴 忙 累 年轻 聪明 热情 努力 老 有名
"""


@cache
def grammar() -> Grammar:
    """Return the grammar."""
    return Grammar(RULES, WORDS)


def finished(words: list[Word]) -> list[Word] | None:
    """Return a drawn sentence as it is written, or None where nobody would say it so."""
    forms = [word.form for word in words]
    if any(one == other != "画" for one, other in pairwise(forms)) or "老 老师" in " ".join(forms):
        return None
    if any(one == other and mark == "和" for one, mark, other in zip(forms, forms[1:], forms[2:], strict=False)):
        return None
    return words
