"""Possible abuse, injury or an accused worker is held back, in four languages; ordinary complaints are not."""

import time

import pytest

from app.analysis.safeguarding import signs_in
from tests.unit.analysis.safeguarding_sentences import HARM, LOOK_ALIKES


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
        "My son was kicked by an escort on the way home",
        "Mum, 84, got burnt in the bath",
        "Mr Ahmed's arm was burned",
        "The residents were locked in from six",
        "I've been followed home from the stop",
        "[name] was locked on the ward",
        "Awful. Got locked in the toilets at closing time",
        "Somebody has been touched on that bus",
        "阿姨扇了老人一巴掌",
        "司机动手推搡学生",
        "我妈身上青一块紫一块，问护工说是碰的",
        "托管班老师把孩子反锁在厕所里",
        "奶奶的金戒指不见了，只有她进过屋",
        "护工不给他喝水，说省得换尿布",
        "那个教练老摸女孩子的腿",
        "送餐的一身酒味",
        "La cuidadora le dio una bofetada a mi madre porque no quería comer",
        "El chofer empujó a mi hijo al bajar",
        "la empujo y se golpeo la cabeza",
        "Mi abuela volvió del centro de día con moretones en los brazos",
        "El enfermero de noche la dejó tirada en el suelo hasta la mañana",
        "Mi padre le tiene miedo al que lo baña",
        "El conductor olía a alcohol",
        "La encontré atada a la silla",
        "Le faltan doscientos euros del monedero desde que viene esa chica",
        "Un monitor tocó a mi hija en el autobús",
        "Le dieron las pastillas de otro paciente",
        "Encerraron a los niños en el baño",
        "No le dan de beber para no cambiarle el pañal",
        "Lleva el pañal de ayer y tiene escaras",
        "Me gritó delante de todos y me llamó inútil",
        "El vigilante acosa a las chicas en la piscina",
        "El anillo de mi tía desapareció y solo entró ella",
        "Olvidaron a mi hijo dentro del autobús escolar",
        "El niño llora cuando ve al profesor de natación",
        "Se rompió la cadera porque la soltaron en la ducha",
        "Mi hermano dice que ya no quiere vivir",
        "المرافقة ضربت أمي لأنها ما أكلت",
        "السائق دفش ابني من الباص",
        "رجعت جدتي من المركز وعلى يديها كدمات",
        "الممرض تركه على الأرض للصبح",
        "أبوي يخاف منه لما يحممه",
        "السواق ريحته خمر",
        "لقيتها مربوطة بالكرسي",
        "فلوس أمي تختفي بعد كل زيارة",
        "المدرب لمس بنتي",
        "أعطوها دواء غلط مرتين",
        "حبسوا الأولاد في الحمام",
        "ما يعطونها ماء عشان ما يغيرون لها",
        "حفاضه وسخ من أمس",
        "صرخ علي قدام الناس وشتمني",
        "الحارس يتحرش بالبنات",
        "خاتم خالتي اختفى وما دخل غيرها",
        "نسوا ابني في الباص",
        "الولد يبكي لما يشوف المعلم",
        "انكسرت رجلها لأنهم تركوها في الحمام",
        "أخي يقول ما بده يعيش",
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
        "The park gates were locked again at five",
        "Front door has been kicked and does not shut",
        "A lamp post was hit by a car",
        "The bins haven't been touched since Monday",
        "The dinner was burnt and cold",
        "The verge turns to slurry when it rains",
        "垃圾两天没收了",
        "请问游泳馆几点开门",
        "打了三回电话没人接",
        "修得又快又好，谢谢师傅",
        "停车费涨了一倍",
        "El camión no pasó otra vez por la basura",
        "¿Puede venir la enfermera antes de las nueve?",
        "El 12 llegó tarde y lleno",
        "La aplicación nueva es fácil de usar, enhorabuena",
        "Hay poca presión de agua en el cuarto piso",
        "Me tocó esperar dos horas",
        "Las tasas son un robo",
        "Esto es un abuso de precio",
        "El contenedor morado está roto",
        "Dejaron la acera limpia, gracias",
        "¿A qué hora abre la piscina?",
        "Faltan bancos en el parque",
        "La comida venía quemada",
        "Pusieron marcas viales nuevas",
        "El parque está abandonado y sucio",
        "ما مرت شاحنة الزبالة هذا الأسبوع",
        "ممكن تجي الممرضة قبل التاسعة؟",
        "الباص تأخر وزحمة",
        "التطبيق الجديد سهل، يعطيكم العافية",
        "ضغط الماء ضعيف بالطابق الرابع",
        "دفعت الفاتورة مرتين",
        "سلك كهربا عريان نازل من العمود",
        "ما في مي من أمس",
        "الحاوية الزرقاء مكسورة",
        "متى تفتح المكتبة؟",
        "ذهبت إلى المكتب وما لقيت أحد",
        "شكرا نظفوا الشارع",
        "الرسوم غالية",
        "كسروا الرصيف وما رجعوا",
        "Perdón que moleste otra vez, la app dice entregado",
    ],
)
def test_other_feedback_is_not(text):
    assert not signs_in(text)


def test_double_the_hostile_text_takes_about_double_the_time():
    def once(text: str) -> float:
        began = time.process_time()
        signs_in(text)
        return time.process_time() - began

    def seconds_for(text: str) -> float:
        """The better of two: now and then memory is tidied up in between."""
        return min(once(text), once(text))

    for unit in (
        "he ",
        "left ",
        "carer was ",
        "打了",
        "handled ",
        "money a b ",
        "no le da ",
        "dejó a a ",
        "falta a a ",
        "ما يعط",
        "تركه ",
        "فلوس ",
    ):
        text = (unit * 10_000)[:10_000]
        assert seconds_for(text) < max(3.4 * seconds_for(text[:5_000]), 0.1)


@pytest.mark.parametrize(("language", "text"), HARM, ids=[text for _language, text in HARM])
def test_of_the_measured_sentences_no_harm_is_missed(language, text):
    assert signs_in(text)


def test_of_the_measured_sentences_few_that_only_look_like_harm_are_held_back():
    """Before things were told from people it was 52 of 55, among them every broom that was left in a door."""
    wrong = [(language, text) for language, text in LOOK_ALIKES if signs_in(text)]

    assert wrong == []


def test_whoever_is_named_after_a_thing_is_a_person():
    for text in ("He kicked the bin man", "They pushed the bus driver", "Lads hit the car park attendant"):
        assert signs_in(text), text


def test_who_was_left_somewhere_is_found_also_where_the_name_is_hidden():
    for text in (
        "Left our grandad out in the garden all night",
        "Left two children inside the coach at the depot",
        "They left [name] in the shower",
        "Left early in the morning my aunt lying in the hall",
    ):
        assert signs_in(text), text
