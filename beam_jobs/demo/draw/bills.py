"""receipt: till slips of many shops, bills, invoices, tickets; scanned, crumpled, photographed."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, blend, extent, font, hsv, pick, sheet, shrink, vivid, words
from beam_jobs.demo.draw.captures import capture, creased
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.papers import plain_receipt

_SHOPS = (
    "SUPERMARKET", "HARDWARE SDN BHD", "CAFE & BAR", "BISTRO", "PHARMACY", "PETROL STATION", "BAKERY", "MINI MART",
    "TRATTORIA", "STATIONERY", "RESTAURANT", "GROCERY", "BOOKS", "OPTIK", "마트", "편의점", "카페",
)  # fmt: skip
_HEADS = ("TAX INVOICE", "RECEIPT", "CASH BILL", "INVOICE", "SALES RECEIPT", "GUEST CHECK", "KASSENBON", "TICKET", "")
_ENDS = (
    "THANK YOU PLEASE COME AGAIN", "GOODS SOLD ARE NOT RETURNABLE", "THANK YOU", "SIGN ____________", "CUSTOMER COPY",
    "KEEP RECEIPT FOR REFUND", "HAVE A NICE DAY", "www.shop.com", "MERCI DE VOTRE VISITE", "GST ID 0009 4417",
)  # fmt: skip


def _code(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[float, float, float, float], ink: Color
) -> None:
    """Draw bars, or a square of dots where the box is about square."""
    a, b, c, d = box
    if c - a < (d - b) * 1.5:
        unit = (d - b) / 21
        for i, j in np.argwhere(rng.random((21, 21)) < 0.5):
            pen.rectangle([a + i * unit, b + j * unit, a + (i + 1) * unit, b + (j + 1) * unit], fill=ink)
        return
    while a < c:
        wide = (d - b) * rng.uniform(0.02, 0.1)
        pen.rectangle([a, b, a + wide, d], fill=ink)
        a += wide + (d - b) * rng.uniform(0.03, 0.1)


def slip(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a till slip, flat: head, items in columns, sums, payment, foot; sizes, letters and gaps vary."""
    width, height = extent(rng, size, 0.3, 0.72)
    paper = blend(WHITE, hsv(rng.random(), 0.12, 0.93), rng.random())
    image, pen = sheet(width, height, paper)
    w, h = image.size
    ink = blend(pick(rng, (INK, INK, (40, 40, 90), (70, 66, 66))), paper, rng.uniform(0, 0.45))
    kind = pick(rng, ("mono", "mono", "mono", "sans", "plain", "serif", "bold"))
    step = w / rng.uniform(17, 34)
    px, lead, edge = round(step * rng.uniform(0.85, 1.0)), step * rng.uniform(1.05, 1.5), w * rng.uniform(0.03, 0.1)
    y, left = h * rng.uniform(0.0, 0.05) + lead, rng.random() < 0.2
    where, anchor = (edge, "lm") if left else (w / 2, "mm")
    if rng.random() < 0.35:
        r = w * rng.uniform(0.06, 0.14)
        box = [w / 2 - r * pick(rng, (1, 2)), y, w / 2 + r, y + 1.4 * r]
        pick(rng, (pen.ellipse, pen.rectangle))(box, fill=ink if rng.random() < 0.5 else None, outline=ink, width=4)
        y += 1.4 * r + lead
    put(pen, (where, y), f"{words(rng, 1).upper()} {pick(rng, _SHOPS)}", ink, round(px * rng.uniform(1, 1.5)),
        style=pick(rng, ("bold", "serif_bold", kind)), anchor=anchor)  # fmt: skip
    for _ in range(int(rng.integers(2, 7))):
        y += lead
        line = pick(rng, (f"NO {rng.integers(1, 90)} {phrase(rng, 2, korean=False).upper()}", phrase(rng, 3),
                          f"TEL: {rng.integers(10, 99)}-{rng.integers(1000000, 9999999)}", f"GST NO {rng.integers(10**9)}",
                          f"{rng.integers(10000, 99999)} {words(rng, 1).title()}"))  # fmt: skip
        put(pen, (where, y), line, ink, px, style=kind, anchor=anchor)

    def rule() -> None:
        nonlocal y
        y += lead
        if rng.random() < 0.3:
            pen.line([edge, y, w - edge, y], fill=ink, width=2)
        else:
            sign = pick(rng, ("-", "-", "=", "*", "_", "."))
            count = int((w - 2 * edge) / font(px, kind).getlength(sign))
            pen.text((edge, y), sign * count, ink, font(px, kind), "lm")

    y += lead
    pen.text((where, y), pick(rng, _HEADS), ink, font(round(px * 1.2), "bold"), anchor)
    for _ in range(int(rng.integers(1, 5))):
        y += lead
        name = pick(rng, ("Date", "Bill No", "Cashier", "Table", "Counter", "Time", "Member"))
        value = pick(
            rng, (f"{rng.integers(1, 29)}/{rng.integers(1, 13)}/20{rng.integers(10, 26)}", f"{rng.integers(10**6)}")
        )
        pen.text((edge, y), f"{name} : {value}", ink, font(px, kind), "lm")
    rule()
    total, two, coded = 0.0, rng.random() < 0.4, rng.random() < 0.3
    foot = lead * rng.uniform(9, 14)
    limit = (h - foot) * (rng.uniform(0.5, 1.0) if rng.random() < 0.4 else 1.0)
    while y < limit:
        y += lead
        price = round(float(rng.gamma(2, 9)), 2)
        total += price
        text = words(rng, int(rng.integers(1, 4))).upper() if kind == "mono" else phrase(rng, 2)
        room = w - 2 * edge - step * 6
        if coded:
            text = f"{rng.integers(10**8, 10**9)} {text}"
        while len(text) > 3 and font(px, kind).getlength(text) > room:
            text = text[:-2]
        put(pen, (edge, y), text, ink, px, style=kind)
        if two:
            y += lead
            pen.text((w * 0.25, y), f"{rng.integers(1, 9)} x {price:.2f}", ink, font(px, kind), "lm")
        pen.text((w - edge, y), f"{price:.2f}", ink, font(px, kind), "rm")
    rule()
    for name in ("Subtotal", "GST 6%", "Rounding")[: int(rng.integers(0, 4))]:
        y += lead
        pen.text((w * 0.4 if two else edge, y), name, ink, font(px, kind), "lm")
        pen.text((w - edge, y), f"{total * rng.random():.2f}", ink, font(px, kind), "rm")
    y += lead * 1.3
    large = font(round(px * rng.uniform(1.0, 1.6)), pick(rng, ("bold", kind)))
    pen.text(
        (edge, y), pick(rng, ("TOTAL", "Total", "TOTAL RM", "AMOUNT DUE", "SUMME EUR", "TOTAL $")), ink, large, "lm"
    )
    pen.text((w - edge, y), f"{total:.2f}", ink, large, "rm")
    for name in ("CASH", "CHANGE", "VISA ****1234")[: int(rng.integers(1, 4))]:
        y += lead
        pen.text((edge, y), name, ink, font(px, kind), "lm")
        pen.text((w - edge, y), f"{rng.uniform(1, 200):.2f}", ink, font(px, kind), "rm")
    rule()
    if rng.random() < 0.35 and y + lead * 5 < h:
        wide = pick(rng, (0.3, 0.08)) * w
        _code(pen, rng, (w / 2 - wide, y + lead, w / 2 + wide, y + lead + w * 0.16), ink)
        y += w * 0.16 + lead
    for _ in range(int(rng.integers(1, 5))):
        y += lead
        pen.text((where, y), pick(rng, _ENDS), ink, font(round(px * 0.9), kind), anchor)
    if y < h * 0.7 and rng.random() < 0.6:
        image = image.crop((0, 0, w, round(y + lead * 2)))
    return shrink(image)


def invoice(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw an invoice or a bill on a page: sender, addressee, a table of items, sums, payment details."""
    width, height = extent(rng, size, 0.66, 0.95)
    image, pen = sheet(width, height)
    w, h = image.size
    tone = pick(rng, (INK, (90, 90, 96), vivid(rng)))
    kind = pick(rng, ("sans", "plain", "serif", "times"))
    px = round(h * rng.uniform(0.014, 0.02))
    text, bold, edge = font(px, kind), font(px, "bold"), w * rng.uniform(0.05, 0.1)
    if rng.random() < 0.4:
        pen.rectangle([0, 0, w, h * 0.07], fill=tone)
    flip = rng.random() < 0.5
    title = pick(rng, ("INVOICE", "Invoice", "BILL", "RECHNUNG", "FACTURE", "Receipt", "STATEMENT"))
    pen.text((w - edge if flip else edge, h * 0.12), title, tone, font(round(px * 2.4), "bold"), "rm" if flip else "lm")
    pen.text((edge if flip else w - edge, h * 0.12), words(rng, 2).title(), INK, font(round(px * 1.6), "bold"),
             "lm" if flip else "rm")  # fmt: skip
    for x in (edge, w * 0.6):
        for k in range(int(rng.integers(3, 7))):
            line = pick(
                rng, (words(rng, 3).title(), f"No. {rng.integers(10**6)}", f"Date: {rng.integers(1, 28)}.05.2021")
            )
            pen.text((x, h * 0.18 + k * px * 1.5), line, INK, bold if k == 0 else text, "lm")
    rows, top = int(rng.integers(2, 15)), h * rng.uniform(0.3, 0.38)
    pitch = min(h * 0.34 / rows, px * rng.uniform(1.7, 2.6))
    xs = np.array([0, 0.5, 0.65, 0.82, 1.0]) * (w - 2 * edge) + edge
    pen.rectangle([edge, top, w - edge, top + pitch], fill=blend(tone, WHITE, rng.choice([0.0, 0.8, 0.9])))
    ruled = int(rng.integers(3))
    for r in range(rows + 1):
        y = top + pitch * (r + 0.5)
        cells = ("Description", "Qty", "Price", "Amount") if r == 0 else (
            words(rng, int(rng.integers(1, 4))).capitalize(), str(rng.integers(1, 30)), f"{rng.uniform(1, 300):.2f}",
            f"{rng.uniform(1, 3000):,.2f}")  # fmt: skip
        for c, cell in enumerate(cells):
            pen.text(
                (xs[0] + 6 if c == 0 else xs[c + 1] - 6, y),
                cell,
                INK,
                bold if r == 0 else text,
                "lm" if c == 0 else "rm",
            )
        if ruled:
            pen.line([edge, y + pitch / 2, w - edge, y + pitch / 2], fill=(170, 170, 176), width=2)
    if ruled == 2:
        for x in xs:
            pen.line([x, top, x, top + pitch * (rows + 1)], fill=(170, 170, 176), width=2)
    y = top + pitch * (rows + 2)
    for name in ("Subtotal", "VAT 20%", "TOTAL"):
        pen.text((xs[3], y), name, INK, bold, "rm")
        pen.text((xs[4] - 6, y), f"{rng.uniform(10, 9000):,.2f}", INK, bold if name == "TOTAL" else text, "rm")
        y += px * 1.7
    for k in range(int(rng.integers(1, 6))):
        pen.text((edge, h * 0.84 + k * px * 1.4), words(rng, 7), (90, 90, 96), font(round(px * 0.85), kind), "lm")
    if rng.random() < 0.3:
        _code(pen, rng, (edge, h * 0.72, edge + w * 0.12, h * 0.72 + w * 0.12), INK)
    return shrink(image)


def ticket(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a ticket with a stub, a code and a few large words."""
    width, height = extent(rng, size, 1.5, 2.8)
    tone = vivid(rng)
    image, pen = sheet(width, height, pick(rng, (WHITE, blend(tone, WHITE, 0.8), (246, 240, 220))))
    w, h = image.size
    pen.rectangle([0, 0, w, h * 0.2], fill=tone)
    kind = pick(rng, ("sans", "mono", "plain"))
    pen.text((w * 0.05, h * 0.1), words(rng, 3).upper(), WHITE, font(round(h * 0.1), "bold"), "lm")
    for k in range(8):
        x, y = w * (0.05 + 0.2 * (k % 4)), h * (0.32 + 0.26 * (k // 4))
        pen.text((x, y), words(rng, 1).title(), (110, 110, 116), font(round(h * 0.05), kind), "lm")
        pen.text((x, y + h * 0.1), pick(rng, (f"{rng.integers(1, 60)}{pick(rng, 'ABC')}", f"{rng.integers(10, 24)}:{rng.integers(10, 59)}",
                 words(rng, 1).upper()[:6])), INK, font(round(h * 0.08), "bold"), "lm")  # fmt: skip
    for y in np.arange(0, h, h / 30).tolist():
        pen.line([w * 0.84, y, w * 0.84, y + h / 60], fill=(120, 120, 126), width=3)
    _code(pen, rng, (w * 0.05, h * 0.84, w * 0.5, h * 0.96), INK)
    _code(pen, rng, (w * 0.86, h * 0.4, w * 0.86 + h * 0.25, h * 0.65), INK)
    return shrink(image)


def receipt(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a receipt of one of many kinds, mostly as a scan or a photograph."""
    kind = pick(rng, ("slip",) * 9 + ("invoice", "invoice", "ticket", "plain", "plain"))
    if kind == "plain":
        return plain_receipt(rng, size)
    if kind == "invoice":
        return capture(rng, invoice(rng, size), ("flat", "flat", "flat", "scan", "scan", "copy", "desk"))
    if kind == "ticket":
        return capture(rng, ticket(rng, size), ("flat", "scan", "desk", "crumpled"))
    image = slip(rng, size)
    if rng.random() < 0.4:
        image = creased(rng, image, int(rng.integers(2, 12)))
    return capture(
        rng, image, ("flat", "flat", "scan", "scan", "scan", "copy", "copy", "desk", "crumpled", "crumpled", "close")
    )
