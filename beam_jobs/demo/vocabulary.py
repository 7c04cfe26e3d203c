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
    "행렬/matrix, 로그/logarithm, 에너지/energy, 전압/voltage, 중력/gravity, 수열/sequence, 극한/limit"
)
FLOWERS = _words(
    "장미/rose, 튤립/tulip, 수국/hydrangea, 국화/chrysanthemum, 백합/lily, 데이지/daisy, 동백/camellia, "
    "코스모스/cosmos, 벚꽃/cherry blossom, 라벤더/lavender, 카네이션/carnation, 무궁화/hibiscus"
)
ANIMALS = _words(
    "고양이/cat, 강아지/puppy, 토끼/rabbit, 곰/bear, 호랑이/tiger, 사자/lion, 부엉이/owl, 펭귄/penguin, 앵무새/parrot, "
    "햄스터/hamster, 사슴/deer, 여우/fox, 코끼리/elephant, 기린/giraffe, 말/horse, 거북이/turtle"
)
DISHES = _words(
    "김치찌개/kimchi stew, 비빔밥/bibimbap, 떡볶이/tteokbokki, 파스타/pasta, 피자/pizza, 샐러드/salad, 국수/noodles, "
    "초밥/sushi, 김밥/gimbap, 스테이크/steak, 샌드위치/sandwich, 팬케이크/pancake, 수프/soup, 딸기/strawberry, 사과/apple"
)
VEHICLES = _words(
    "버스/bus, 트럭/truck, 세단/sedan, 전기차/electric car, 스포츠카/sports car, 스쿠터/scooter, 여객기/airliner, "
    "헬리콥터/helicopter, 요트/yacht, 여객선/ferry, 고속열차/express train, 전차/tram, 캠핑카/camper"
)
BUILDINGS = _words(
    "성당/cathedral, 절/temple, 궁궐/palace, 전망대/observatory, 다리/bridge, 시청/city hall, 아파트/apartment, "
    "한옥/hanok, 도서관/library, 박물관/museum, 성/castle, 등대/lighthouse, 경기장/stadium, 교회/church"
)
ROOMS = _words(
    "거실/living room, 침실/bedroom, 주방/kitchen, 서재/study, 아이방/nursery, 욕실/bathroom, 현관/hallway, "
    "사무실/office, 원룸/studio flat, 카페/cafe, 호텔/hotel, 다락방/attic"
)
CLOTHES = _words(
    "청바지/jeans, 원피스/dress, 코트/coat, 후드티/hoodie, 가디건/cardigan, 정장/suit, 치마/skirt, 니트/knit, "
    "반바지/shorts, 셔츠/shirt, 조끼/vest, 패딩/padded jacket"
)
COMPANIES = _words(
    "은행/bank, 자동차/car maker, 야구단/baseball club, 축구팀/football team, 대학교/university, 카페/cafe, 병원/hospital, "
    "항공사/airline, 학교/school, 통신사/telecom, 식당/restaurant, 동호회/club"
)
MOODS = _words(
    "월요일/monday, 퇴근/after work, 시험/exam, 사랑/love, 위로/comfort, 친구/friend, 아침/morning, 힘내/cheer up, "
    "감사/thanks, 다이어트/diet, 야근/overtime, 방학/vacation"
)
GAMES = _words(
    "레이싱/racing, 퍼즐/puzzle, 격투/fighting, 던전/dungeon, 슈팅/shooter, 농장/farm, 우주/space, 전략/strategy, "
    "점프/platformer, 좀비/zombie, 축구/soccer, 용사/hero"
)
ALL_WORDS = (
    *CREATURES,
    *TOPICS,
    *PLACES,
    *COUNTRIES,
    *THINGS,
    *PEOPLE,
    *SONGS,
    *SCHOOL,
    *FLOWERS,
    *ANIMALS,
    *DISHES,
    *VEHICLES,
)

SUBJECTS: dict[str, tuple[Word, ...]] = {
    **dict.fromkeys(("landscape_photo", "satellite_aerial", "map"), PLACES),
    **dict.fromkeys(("face_portrait", "live_streamer"), PEOPLE),
    **dict.fromkeys(("product_cutout", "package_cover"), THINGS),
    **dict.fromkeys(("table", "graph_chart", "diagram", "document_page", "receipt"), TOPICS),
    **dict.fromkeys(("screenshot_ui", "handwriting"), TOPICS),
    "place_landmark": (*BUILDINGS, *PLACES),
    "interior_photo": ROOMS,
    "food_photo": DISHES,
    "animal_photo": ANIMALS,
    "vehicle_photo": VEHICLES,
    "outfit_style": CLOTHES,
    "game_screenshot": GAMES,
    "logo_emblem": COMPANIES,
    "text_meme": MOODS,
    "blueprint": (*PLACES, *THINGS),
    "flag": COUNTRIES,
    "plant_flower": FLOWERS,
    "sheet_music": SONGS,
    "math_formula": SCHOOL,
}
"""What people combine with an intent's words; ``CREATURES`` for all others."""

HIDDEN: dict[str, tuple[Word, ...]] = {
    "landscape_photo": _words("해질녘 모습/golden hour, 산과 바다/hills and sea"),
    "place_landmark": _words("정면 모습/front of the building, 여행 가서 볼 곳/sights to see"),
    "interior_photo": _words("가구 배치/furniture arrangement, 집 안 모습/inside the home"),
    "food_photo": _words("맛있게 담은/served on a plate, 한 그릇/bowl close up"),
    "animal_photo": _words("털 뭉치/furry friend, 실제 모습/in the wild"),
    "plant_flower": _words("활짝 핀/in full bloom, 정원에 심는/for the garden"),
    "vehicle_photo": _words("도로 주행/parked on the road, 옆모습/side profile"),
    "satellite_aerial": _words("구글어스/google earth view, 공중에서 찍은/bird eye shot"),
    "face_portrait": _words("이력서용 사진/passport size picture, 클로즈업 얼굴/face close up"),
    "outfit_style": _words("옷 입은 모습/full body wear, 입는 법/how to style"),
    "live_streamer": _words("생방송 장면/broadcast with webcam, 채팅창 있는 방송/stream overlay with chat"),
    "product_cutout": _words("상품 컷/studio shot, 쇼핑몰용 사진/shop listing picture"),
    "package_cover": _words("앞면 디자인/front design, 겉표지/dust jacket"),
    "coloring_page": _words("프린트 놀이/printable for kids, 밑그림/outline to paint"),
    "webtoon_comic": _words("다음 이야기/episode scene, 말풍선 컷/speech bubble scene"),
    "anime_character": _words("그림체/big eyed girl drawing, 전신 채색/cel shaded hero"),
    "game_screenshot": _words("체력바 보이는/with health bar, 보스전/boss fight stage"),
    "pencil_sketch": _words("연필로/in graphite, 명암 연습/shading study"),
    "blueprint": _words("집 구조 치수/layout with dimensions, 방 배치 치수/room layout plan"),
    "icon_pictogram": _words("단색 기호/flat glyph, 버튼 그림/button symbol"),
    "logo_emblem": _words("상징 문양/company sign, 브랜드 글자/wordmark"),
    "flag": _words("나라 상징/country symbol, 나라 깃대/country banner"),
    "emoji_sticker": _words("카톡 표정/smiley face, 귀여운 표정/cute face reaction"),
    "clipart_illustration": _words("단순한 그림/cartoon cutout, 발표용 그림/picture for slides"),
    "pattern_background": _words("반복 무늬/tileable print, 피피티 바탕/slide backdrop"),
    "pixel_art": _words("8비트/8bit sprite, 레트로 그림/blocky retro drawing"),
    "sheet_music": _words("피아노 치는 법/piano notes, 반주 음표/notes to play"),
    "table": _words("비교 정리/comparison rows, 일람 정리/list by month"),
    "graph_chart": _words("변화 추이/trend over years, 연도별 통계/yearly statistics"),
    "map": _words("길 찾기/street directions, 가는 길/way around town"),
    "diagram": _words("단계 정리/process steps, 한눈에 정리/explained in boxes"),
    "document_page": _words("작성 예시/sample letter, 한 페이지 글/one page text"),
    "receipt": _words("결제 내역/proof of payment, 구매 내역/purchase slip"),
    "handwriting": _words("직접 쓴 편지/written by hand, 볼펜으로 쓴/pen on paper"),
    "math_formula": _words("유도 과정/derivation, 정리 증명/theorem proof"),
    "screenshot_ui": _words("앱 메뉴 위치/settings window, 로그인 창/login window"),
    "text_meme": _words("웃긴 한마디/funny caption, 위로 한마디/words to live by"),
}
"""Phrases that ask for an intent in words that the taxonomy does not know (a good source of new rules)."""

MODIFIERS = _words("예쁜/pretty, 무료/free, 쉬운/easy, 귀여운/cute, 고화질/hd, 추천/best, 심플/simple, 최신/latest")
