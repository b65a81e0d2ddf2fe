"""The main job end to end, in a real browser against the real server: what trainee, instructor and coordinator do.

Each test is a chapter that needs nothing but the demo. People see their own language, so chapters look for
addresses, fields and figures, and for words only where the words are the point.
"""

import re
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PEOPLE, Enter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

COURSE = "/courses/pelayanan-publik-prima"
# The smallest PDF that viewers open.
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000054 00000 n\x20
0000000105 00000 n\x20
trailer<</Size 4/Root 1 0 R>>
startxref
166
%%EOF
"""


def submit(page: Page, action: str) -> Locator:
    """The submit button of the form that goes to this address (a regular expression's end)."""
    return page.locator(f'form[action$="{action}"] button:not([type=button])').first


def confirm(page: Page) -> None:
    """Say yes in the dialog that asks first."""
    page.locator("dialog[open] button[value=yes], dialog[open] [data-yes]").first.click()


def test_a_trainee_signs_in_by_nip_reads_and_moves_on_to_the_next_module(enter: Enter) -> None:
    visit = enter("ayu", by="nip")
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ayu")
    # The one next thing: the live lecture with its way in, both clocks, and whom to call.
    expect(page.locator("#way-in a[href$='/room']:visible")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("WITA")
    expect(page.locator("main")).to_contain_text("SGT")
    expect(page.locator("main a[href^='tel:']").first).to_be_visible()
    page.goto(f"{COURSE}/sopan-santun")
    expect(page.locator("article.lesson img").first).to_be_visible()
    page.goto(f"{COURSE}/kebersihan")
    submit(page, "/kebersihan/read").click()
    page.wait_for_url(f"**{COURSE}/kenyamanan")
    page.locator("a[rel=prev]").click()
    expect(page.locator(".lesson-done")).to_be_visible()
    assert visit.complaints == []


def test_a_trainee_takes_the_pre_test_and_sees_her_result(enter: Enter) -> None:
    visit = enter("ayu")
    page = visit.page
    page.locator("#due a.list-title").first.click()
    submit(page, "/start").click()
    page.wait_for_url("**/attempts/*/take")
    questions = page.locator(".quiz-question")
    expect(questions).to_have_count(10)
    for number in range(10):
        answer(questions.nth(number))
    expect(page.locator("[data-answered]").first).to_have_text("10")
    saved = page.locator("#saving [data-state=saved]")
    expect(saved).to_be_visible()
    # Resumed after a reload: the server has every answer.
    page.reload()
    expect(page.locator("[data-answered]").first).to_have_text("10")
    # An answer changed without a network is kept on the device and sent when it is back.
    visit.context.set_offline(True)
    typed = page.locator(".quiz-question input[type=text]").first
    typed.fill("7")
    expect(page.locator("#saving [data-state=offline]")).to_be_visible()
    visit.context.set_offline(False)
    expect(saved).to_be_visible(timeout=30_000)
    page.locator(".quiz-aside button").last.click()
    confirm(page)
    page.wait_for_url("**/review")
    expect(page.locator(".quiz-figure")).to_contain_text("%")
    page.goto("/")
    expect(page.locator("#due")).to_have_count(0)


def answer(question: Locator) -> None:
    choices = question.locator("input[type=radio], input[type=checkbox]:not([data-flag])")
    if choices.count():
        choices.first.check()
    else:
        question.locator("input[type=text]").fill("12")


def test_the_lecture_is_recorded_and_the_coordinator_sees_every_change_by_itself(enter: Enter) -> None:
    citra = enter("citra")
    citra.page.locator("main a[href$='/register']").first.click()
    register = citra.page
    ayu_line = register.locator("tr[data-person]", has_text="Ayu Lestari")
    present, missing = (register.locator(f"[data-tile={name}] .tile-value") for name in ("present", "missing"))
    expect(ayu_line).to_have_attribute("data-group", "missing")
    # Somebody missing can be reached at once.
    expect(ayu_line.locator("a[href^='tel:']")).to_be_visible()
    expect(ayu_line.locator("a[href*='wa.me/62811']")).to_be_visible()
    were_present, were_missing = int(present.inner_text()), int(missing.inner_text())

    ayu = enter("ayu")
    room = ayu.page
    room.locator("#way-in a[href$='/room']").click()
    recording = room.locator("[data-record=recording]")
    expect(recording).to_be_visible()
    expect(recording).to_have_text(re.compile(r"\d\d\.\d\d WITA \(= \d\d\.\d\d SGT\)"))
    expect(room.locator(".practice-people")).to_contain_text("Budi Santoso")

    expect(ayu_line).to_have_attribute("data-group", "present", timeout=5_000)
    expect(present).to_have_text(str(were_present + 1))
    expect(missing).to_have_text(str(were_missing - 1))
    expect(ayu_line.locator("a[href*='wa.me']")).to_be_hidden()

    since = recording.inner_text()
    ayu.context.set_offline(True)
    expect(room.locator("#connection [data-state=offline]")).to_be_visible()
    expect(room.locator("[data-record=holding]")).to_be_visible()
    expect(ayu_line).to_have_attribute("data-group", "missing", timeout=40_000)
    expect(ayu_line.locator("[data-cell=heard]")).to_have_text(re.compile(r"\d\d\.\d\d WITA"))

    ayu.context.set_offline(False)
    expect(recording).to_be_visible(timeout=20_000)
    assert recording.inner_text() == since
    expect(ayu_line).to_have_attribute("data-group", "present", timeout=5_000)
    expect(present).to_have_text(str(were_present + 1))

    room.locator("[data-part=leave]").click()
    expect(room.locator("[data-record=left]")).to_be_visible()
    expect(ayu_line).to_have_attribute("data-group", "connected", timeout=5_000)
    assert citra.complaints == []


def test_her_own_record_tells_the_reason(enter: Enter) -> None:
    visit = enter("ayu", by="nip")
    visit.page.goto("/attendance")
    line = visit.page.locator("tr", has_text="Kebersihan dan kenyamanan")
    expect(line).to_contain_text("90 / 90")
    line.locator("a").first.click()
    # One gap of a minute and twelve seconds, bridged.
    expect(visit.page.locator("main")).to_contain_text(re.compile(r"1 \w+ 12 \w+"))
    assert visit.complaints == []


def test_an_instructor_writes_previews_publishes_and_attaches_slides(enter: Enter, tmp_path: Path) -> None:
    visit = enter("iskandar")
    page = visit.page
    page.goto(f"{COURSE}/edit")
    page.locator("form[action$='/new'] input[name=title]").fill("Serving with a smile")
    page.locator("form[action$='/new'] select[name=language]").select_option("en")
    submit(page, "/new").click()
    page.wait_for_url("**/edit*")
    text = page.locator("textarea[name=markdown]")
    text.fill("A greeting costs **nothing**.\n\n## Why it works\n\n| Before | After |\n|---|---|\n| 4 | 9 |\n")
    preview = page.locator("[data-html]")
    expect(preview.locator("strong")).to_have_text("nothing")
    expect(preview.locator("table")).to_be_visible()
    page.locator("button[name=action][value=save]").click()
    expect(text).to_have_value(re.compile("A greeting costs"))
    page.locator("button[formaction$='/publish']").click()
    page.wait_for_load_state()
    slug = re.search(rf"{COURSE}/([a-z0-9-]+)", page.url)
    assert slug is not None
    page.goto(f"{COURSE}/{slug[1]}/attachments")
    page.locator("input[type=file]").set_input_files(
        {"name": "slides.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.locator("input[name=title]").fill("Slides on greeting")
    page.locator("form[enctype] button:not([type=button])").last.click()
    expect(page.locator(".list")).to_contain_text("Slides on greeting")

    reader = enter("ayu").page
    reader.goto(f"{COURSE}/{slug[1]}")
    expect(reader.locator("article.lesson table")).to_be_visible()
    with reader.expect_download() as download:
        reader.locator("#files a", has_text="Slides on greeting").click()
    assert Path(download.value.path()).read_bytes() == PDF
    assert visit.complaints == []


def test_an_instructor_schedules_a_session_and_the_batch_has_it_in_its_calendar(enter: Enter) -> None:
    visit = enter("iskandar")
    page = visit.page
    page.goto("/programmes")
    page.locator("main a", has_text="Angkatan II").first.click()
    page.locator("a[href$='/sessions/new']").first.click()
    page.locator("input[name=title_id]").fill("Bedah kasus pengaduan")
    page.locator("input[name=title_en]").fill("Complaint clinic")
    day = datetime.now(ZoneInfo("Asia/Singapore")).date() + timedelta(days=3)
    page.locator("input[name=on]").fill(day.isoformat())
    page.locator("input[name=starts]").fill("10:00")
    page.locator("input[name=ends]").fill("11:30")
    page.locator("select[name=zone]").select_option("Asia/Singapore")
    page.locator("form.form button:not([type=button])").last.click()
    page.wait_for_url("**/sessions/*")
    expect(page.locator("main")).to_contain_text("10:00–11:30 SGT")
    expect(page.locator("main")).to_contain_text("10:00–11:30 WITA")
    visit.complaints.clear()

    trainee = enter("budi").page
    trainee.goto("/calendar")
    expect(trainee.locator("main")).to_contain_text("Bedah kasus pengaduan")
    trainee.goto("/notices")
    expect(trainee.locator("main")).to_contain_text("Bedah kasus pengaduan")


def test_an_instructor_enters_as_moderator_and_sees_the_results_of_the_batch(enter: Enter) -> None:
    visit = enter("iskandar")
    page = visit.page
    page.locator("a[href$='/room']").first.click()
    expect(page.locator("[data-record=recording]")).to_be_visible()
    page.goto("/quizzes")
    page.locator("a[href*='/results']").first.click()
    expect(page.locator("#people tbody tr")).to_have_count(20)
    expect(page.locator("#questions details")).to_have_count(10)
    assert visit.complaints == []


def test_a_coordinator_corrects_with_a_reason_and_the_trainee_is_told(enter: Enter) -> None:
    visit = enter("citra")
    page = visit.page
    open_register(page, "Kebersihan dan kenyamanan ruang layanan", "Angkatan II")
    page.locator("tr", has_text="Theresia Wulandari").locator("a").first.click()
    # Theresia has no e-mail; she reads it in the app after signing in by NIP.
    # The meeting server has her there nearly to the end; the committee saw that she was not.
    reason = "Ponsel tetap tersambung, tetapi sejak 14.15 ia dipanggil ke loket, disaksikan panitia."
    page.locator("select[name=status]").select_option("partial")
    page.locator("textarea[name=reason]").fill(reason)
    submit(page, "/correct").click()
    expect(page.locator("#corrections")).to_contain_text(reason)

    trainee = enter("theresia", by="nip").page
    trainee.goto("/notices")
    expect(trainee.locator("main")).to_contain_text(reason)
    trainee.locator("form[action$='/open'] button").first.click()
    trainee.wait_for_url("**/attendance/*")
    expect(trainee.locator("#corrections")).to_contain_text(reason)
    assert visit.complaints == []


def test_a_coordinator_signs_off_and_takes_the_register_away(enter: Enter) -> None:
    visit = enter("citra")
    page = visit.page
    open_register(page, "Antrean, pengaduan, dan mengukur kepuasan", "Angkatan I")
    address = page.url
    page.locator("input[name=confirmed]").check()
    submit(page, "/register/sign").click()
    expect(page.locator("#signature")).to_be_visible()
    expect(page.locator("#signature")).to_contain_text(PEOPLE["citra"].name)
    for ending in ("csv", "xlsx"):
        content = visit.context.request.get(f"{address}.{ending}").body()
        assert_holds(content, ending, "Melati Siregar")
    page.goto(address.replace("/register", "/sheet"))
    expect(page.locator("body")).to_contain_text("Melati Siregar")
    expect(page.locator("body")).to_contain_text(re.compile("daftar hadir", re.IGNORECASE))
    assert visit.complaints == []


def test_a_coordinator_reads_the_matrix_of_the_batch_and_exports_it(enter: Enter) -> None:
    visit = enter("citra")
    page = visit.page
    page.locator("a[href$='/matrix']").first.click()
    expect(page.locator("table.matrix tbody tr")).to_have_count(20)
    expect(page.locator("table.matrix .letter").first).to_be_visible()
    address = page.url.split("?")[0]
    for ending in ("csv", "xlsx"):
        content = visit.context.request.get(f"{address}.{ending}").body()
        assert_holds(content, ending, "Hadiningrat" if "Hadiningrat" in page.content() else "Ayu Lestari")
    assert visit.complaints == []


def open_register(page: Page, title: str, batch: str) -> None:
    """Open a register that waits for its signature, from the coordinator's home."""
    page.goto("/")
    waiting = page.locator("li", has_text=title).filter(has_text=re.compile(rf"{batch}\b(?! I)"))
    waiting.locator("a.list-title").click()
    page.wait_for_url("**/register")
    expect(page.locator("tr[data-person]").first).to_be_visible()


def assert_holds(content: bytes, ending: str, text: str) -> None:
    if ending == "csv":
        assert text in content.decode("utf-8-sig")
        return
    with ZipFile(BytesIO(content)) as book:
        assert any(text in book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def test_a_notice_opens_wherever_its_line_is_pressed(enter: Enter) -> None:
    page = enter("ayu").page
    page.goto("/notices")
    text = page.locator(".list-item .list-main p").first
    box = text.bounding_box()
    assert box is not None
    # By the mouse at a place: what covers the text must still lie there when the button is let go.
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.wait_for_url(lambda url: not url.endswith("/notices"))
    assert page.locator("h1").count() == 1
