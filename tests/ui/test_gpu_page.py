"""Settings, GPU: what fits can be fetched by a click, its progress is seen, and what was chosen is written down."""

import pytest
from PySide6.QtWidgets import QComboBox, QPushButton

from app.backends.messages import BackendProgress, BackendsFound
from app.backends.values import Offer
from app.ipc.codec import encode
from app.ipc.job import JobFailed
from app.ipc.transport import ChildExit
from app.settings import Settings
from tests.app.test_backends import backend
from ui.control.backends_control import BackendsControl
from ui.settings.gpu_page import GpuPage


class Child:
    """A transport whose child says what the test wants."""

    pid = None

    def __init__(self):
        self.asked = 0

    def start(self, command, on_bytes, on_exit):
        self.on_bytes, self.on_exit = on_bytes, on_exit

    def write(self, data):
        self.asked += 1

    def kill(self):
        self.on_exit(ChildExit(code=None, signal=9))

    def close(self):
        pass

    def say(self, kind, **fields):
        self.on_bytes(encode(kind(request=self.asked, **fields)))


OFFERS = (
    Offer(backend=backend("cuda", size=310_000_000), fits=True, why="NVIDIA's driver offers CUDA 12.9."),
    Offer(backend=backend(size=40_000_000), fits=False, why="No GPU with a Vulkan driver was found."),
)


@pytest.fixture
def child():
    return Child()


@pytest.fixture
def control(child, tmp_path, qapp):
    made = BackendsControl(child, tmp_path)
    yield made
    made.close()


@pytest.fixture
def page(theme, control, child, qtbot):
    page = GpuPage(theme, control)
    qtbot.addWidget(page)
    page.show_settings(Settings())
    page.show()
    child.say(BackendsFound, offers=OFFERS, installed=())
    return page


def button(page, name):
    return page.findChild(QPushButton, f"{name}_button")


def test_only_what_fits_can_be_fetched(page):
    assert button(page, "download_cuda").isEnabled()
    assert not button(page, "download_vulkan").isEnabled()


def test_nothing_is_fetched_without_a_click(page, child, control):
    assert child.asked == 1  # what there is
    button(page, "download_cuda").click()
    assert (child.asked, control.fetching) == (2, "cuda")


def test_progress_is_seen_and_what_was_fetched_can_be_chosen(page, child):
    button(page, "download_cuda").click()
    child.say(BackendProgress, fetched=155_000_000)
    assert button(page, "cancel_cuda").text() == "Cancel (50%)"
    child.say(BackendsFound, offers=OFFERS, installed=("cuda",))
    assert button(page, "remove_cuda")
    changes = []
    page.changed.connect(changes.append)
    choice = page.findChild(QComboBox, "backend_choice")
    assert [choice.itemText(index) for index in range(choice.count())] == ["The processor", "NVIDIA (CUDA)"]
    choice.setCurrentIndex(1)
    choice.activated.emit(1)
    assert changes == [{"backend": "cuda"}]


def test_a_fetch_can_be_stopped(page, child, control):
    button(page, "download_cuda").click()
    button(page, "cancel_cuda").click()
    assert control.fetching == ""
    assert button(page, "download_cuda").isEnabled()


def test_a_failed_fetch_is_told_and_can_be_tried_again(page, child):
    button(page, "download_cuda").click()
    child.say(JobFailed, code="failed", title="The GPU backend was not installed", message="Its sha256 is another.")
    assert "Its sha256 is another." in page._status.text()
    button(page, "download_cuda").click()
    assert "sha256" not in page._status.text()


def test_removing_what_is_in_use_goes_back_to_the_processor(page, child):
    child_says = {"offers": OFFERS, "installed": ("cuda",)}
    page._control.refresh()
    child.say(BackendsFound, **child_says)
    page.show_settings(Settings(backend="cuda"))
    changes = []
    page.changed.connect(changes.append)
    button(page, "remove_cuda").click()
    assert changes == [{"backend": ""}]
