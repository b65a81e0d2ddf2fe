"""From the last questionnaire to the certificate that anyone can verify, as people see it in a browser."""

import io
import re
import zipfile
from pathlib import Path

import pytest

from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser


def test_a_coordinator_issues_brings_the_scan_back_and_anyone_verifies(enter: Enter, tmp_path: Path) -> None:
    citra = enter("citra")
    page = citra.page
    page.goto("/programmes")
    page.locator("main a", has_text="Angkatan Perdana").first.click()
    page.wait_for_url("**/batches/*")
    batch = re.search(r"/batches/(\d+)", page.url)
    assert batch is not None
    certificates = f"/batches/{batch.group(1)}/certificates"
    page.goto(certificates)
    ready = page.locator("#ready tbody tr")
    assert ready.count() == 2
    # Paulina has not taken the post-test: she is told apart, in words.
    assert "Paulina" in page.locator("#missing").inner_text()
    page.locator("#chosen button:not([type=button])").last.click()
    page.wait_for_url(f"**{certificates}**")
    # It waits for two minutes, so that it can be undone; whoever is sure need not wait.
    page.locator("#progress form[action$='/begin'] button").click()
    # The bar fills by itself; when the run is over the page comes anew without it.
    page.locator("#ready").wait_for(state="detached")
    assert page.locator("#issued tbody tr").count() == 10
    number = page.locator("#issued tbody tr").last.locator("th .mono").inner_text()
    assert re.fullmatch(r"800\.2\.4/011/BKPSDM/[IVX]+/\d{4}", number)

    page.locator("summary", has_text=re.compile("Download|Unduh")).click()
    with page.expect_download() as waiting:
        page.locator("a[href$='certificates.zip']").click()
    packed = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    scans = []
    for name in packed.namelist():
        scans.append(tmp_path / name)
        scans[-1].write_bytes(packed.read(name))
    chosen = page.locator("#sign .file-choice-name")
    assert chosen.inner_text() in ("No file chosen yet", "Belum ada berkas yang dipilih")
    page.locator("#sign input[type=file]").set_input_files(scans)
    assert chosen.inner_text() == ", ".join(scan.name for scan in scans)
    page.locator("#sign button[type=submit], #sign .form-foot button").first.click()
    page.wait_for_selector("#files")
    assert page.locator("#files li").count() == len(scans) == 3
    assert page.locator("#issued [data-status=warn]").count() == 0

    code = scans[0].name[:14]
    stranger = enter(None)
    stranger.page.goto("/verify")
    stranger.page.locator("input[name=code]").fill(code.lower())
    stranger.page.locator("input[name=code]").press("Enter")
    stranger.page.wait_for_url(f"**/verify/{code}")
    told = stranger.page.locator("main").inner_text()
    assert "•" in told and "Wibowo" not in told
    assert citra.complaints == [] and stranger.complaints == []


def test_a_trainee_rates_a_lesson_on_a_phone_and_sees_that_it_counts(enter: Enter) -> None:
    ayu = enter("ayu", viewport={"width": 390, "height": 800})
    page = ayu.page
    page.goto("/evaluations")
    page.locator("main #waiting a").first.click()
    page.wait_for_url("**/evaluations/*")
    ratings = page.locator("fieldset.rating")
    count = ratings.count()
    # One is forgotten: the page says which, and keeps the others.
    for number in range(count - 1):
        ratings.nth(number).locator("label").nth(3).click()
    page.locator(".form-foot button").click()
    page.wait_for_selector(".error-summary")
    assert page.locator("fieldset.rating input:checked").count() == count - 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("fieldset.rating").nth(count - 1).locator("label").last.click()
    page.locator(".form-foot button").click()
    page.wait_for_url("**/evaluations")
    assert page.locator("[role=status].tone-good").count() == 1
    assert [one for one in ayu.complaints if "422" not in one] == []
