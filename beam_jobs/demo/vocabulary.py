"""Generic Korean and English words from which the demo's titles and queries are built."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """One thing in Korean and English."""

    ko: str
    en: str


def _words(text: str) -> tuple[Word, ...]:
    pairs = (pair.split("/") for pair in text.split(", "))
    return tuple(Word(ko, en) for ko, en in pairs)


CREATURES = _words(
    "공주/princess, 공룡/dinosaur, 고양이/cat, 강아지/puppy, 토끼/rabbit, 나비/butterfly, 곰돌이/bear, 물고기/fish, "
    "유니콘/unicorn, 로봇/robot, 요정/fairy, 기사/knight, 펭귄/penguin, 부엉이/owl, 사자/lion, 눈사람/snowman, "
    "하트/heart, 별/star, 꽃/flower, 나무/tree, 집/house, 해바라기/sunflower, 로켓/rocket, 산타/santa"
)
TOPICS = _words(
    "인구/population, 매출/sales, 기온/temperature, 강수량/rainfall, 환율/exchange rate, 성적/grades, 예산/budget, "
    "건강/health, 운동/exercise, 영어/english, 과학/science, 역사/history, 경제/economy, 통신/network, 회의/meeting, "
    "프로젝트/project, 수업/class, 광합성/photosynthesis, 물의 순환/water cycle, 회사/company, 근무/work, 여행/travel"
)
PLACES = _words(
    "서울/seoul, 부산/busan, 제주도/jeju, 강릉/gangneung, 경주/gyeongju, 전주/jeonju, 파리/paris, 런던/london, "
    "도쿄/tokyo, 뉴욕/new york, 한라산/hallasan, 설악산/seoraksan, 한강/han river, 동해/east sea, 호수/lake, "
    "섬/island, 사막/desert, 시골/countryside, 계곡/valley, 겨울/winter, 가을/autumn, 여름/summer"
)
COUNTRIES = _words(
    "프랑스/france, 독일/germany, 일본/japan, 캐나다/canada, 브라질/brazil, 이탈리아/italy, 스페인/spain, "
    "스웨덴/sweden, 터키/turkey, 인도/india, 베트남/vietnam, 멕시코/mexico, 호주/australia, 케냐/kenya, "
    "그리스/greece, 폴란드/poland, 칠레/chile, 이집트/egypt"
)
THINGS = _words(
    "운동화/sneakers, 가방/bag, 헤드폰/headphones, 립스틱/lipstick, 향수/perfume, 시계/watch, 텀블러/tumbler, "
    "의자/chair, 냄비/pot, 키보드/keyboard, 선풍기/fan, 카메라/camera, 소설/novel, 게임/game, 잡지/magazine, "
    "커피/coffee, 화장품/cosmetics, 조명/lamp, 모자/hat, 자전거/bicycle"
)
PEOPLE = _words(
    "남자/man, 여자/woman, 아이/child, 학생/student, 할머니/grandmother, 아빠/dad, 직장인/office worker, "
    "신부/bride, 선생님/teacher, 의사/doctor, 요리사/cook, 아기/baby, 가수/singer, 모델/model"
)
SONGS = _words(
    "생일 축하/happy birthday, 동요/nursery rhyme, 캐롤/carol, 재즈/jazz, 왈츠/waltz, 찬송가/hymn, 자장가/lullaby, "
    "행진곡/march, 발라드/ballad, 민요/folk song, 엘리제/fur elise, 캐논/canon, 학교종/school bell, 탱고/tango"
)
SCHOOL = _words(
    "삼각함수/trigonometry, 피타고라스/pythagoras, 속도/velocity, 확률/probability, 원의 넓이/circle area, "
    "행렬/matrix, 로그/logarithm, 에너지/energy, 전압/voltage, 중력/gravity, 수열/sequence, 벡터장/vector field"
)
FLOWERS = _words(
    "장미/rose, 튤립/tulip, 수국/hydrangea, 국화/chrysanthemum, 백합/lily, 데이지/daisy, 동백/camellia, "
    "코스모스/cosmos, 벚꽃/cherry blossom, 라벤더/lavender, 카네이션/carnation, 무궁화/hibiscus"
)
ALL_WORDS = (*CREATURES, *TOPICS, *PLACES, *COUNTRIES, *THINGS, *PEOPLE, *SONGS, *SCHOOL, *FLOWERS)

SUBJECTS: dict[str, tuple[Word, ...]] = {
    **dict.fromkeys(("landscape_photo", "place_landmark", "interior_photo", "satellite_aerial", "map"), PLACES),
    **dict.fromkeys(("face_portrait", "outfit_style", "live_streamer"), PEOPLE),
    **dict.fromkeys(("product_cutout", "package_cover", "vehicle_photo", "food_photo"), THINGS),
    **dict.fromkeys(("table", "graph_chart", "diagram", "document_page", "receipt"), TOPICS),
    **dict.fromkeys(("screenshot_ui", "handwriting", "text_meme"), TOPICS),
    **dict.fromkeys(("blueprint", "logo_emblem"), (*PLACES, *THINGS)),
    "flag": COUNTRIES,
    "plant_flower": FLOWERS,
    "sheet_music": SONGS,
    "math_formula": SCHOOL,
}
"""What people combine with an intent's words; ``CREATURES`` for all others."""

HIDDEN: dict[str, tuple[Word, ...]] = {
    "landscape_photo": _words("해질녘 모습/golden hour, 산과 바다/hills and sea"),
    "plant_flower": _words("활짝 핀/in full bloom, 정원에 심는/for the garden"),
    "satellite_aerial": _words("구글어스/google earth view, 공중에서 찍은/bird eye shot"),
    "face_portrait": _words("이력서용 사진/passport size picture, 클로즈업 얼굴/face close up"),
    "product_cutout": _words("상품 컷/studio shot, 쇼핑몰용 사진/shop listing picture"),
    "package_cover": _words("앞면 디자인/front design, 겉표지/dust jacket"),
    "coloring_page": _words("프린트 놀이/printable for kids, 밑그림/outline to paint"),
    "webtoon_comic": _words("다음 이야기/episode scene, 말풍선 컷/speech bubble scene"),
    "pencil_sketch": _words("연필로/in graphite, 명암 연습/shading study"),
    "blueprint": _words("집 구조 치수/layout with dimensions, 방 배치 치수/room layout plan"),
    "icon_pictogram": _words("단색 기호/flat glyph, 버튼 그림/button symbol"),
    "flag": _words("나라 상징/country symbol, 나라 깃대/country banner"),
    "emoji_sticker": _words("카톡 표정/smiley face, 귀여운 표정/cute face reaction"),
    "pattern_background": _words("반복 무늬/tileable print, 피피티 바탕/slide backdrop"),
    "pixel_art": _words("8비트/8bit sprite, 레트로 그림/retro game art"),
    "sheet_music": _words("피아노 치는 법/piano notes, 반주 음표/notes to play"),
    "table": _words("비교 정리/comparison rows, 일람 정리/list by month"),
    "graph_chart": _words("변화 추이/trend over years, 연도별 통계/yearly statistics"),
    "map": _words("길 찾기/street directions, 가는 길/way around town"),
    "diagram": _words("단계 정리/process steps, 한눈에 정리/explained in boxes"),
    "document_page": _words("작성 예시/sample letter, 한 페이지 글/one page text"),
    "receipt": _words("결제 내역/proof of payment, 구매 내역/purchase slip"),
    "math_formula": _words("유도 과정/derivation, 정리 증명/theorem proof"),
    "screenshot_ui": _words("앱 메뉴 위치/settings window, 로그인 창/login window"),
}
"""Phrases that ask for an intent in words that the taxonomy does not know (a good source of new rules)."""

MODIFIERS = _words("예쁜/pretty, 무료/free, 쉬운/easy, 귀여운/cute, 고화질/hd, 추천/best, 심플/simple, 최신/latest")
