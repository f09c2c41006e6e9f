"""The colours and type of the program, dark and light, as one value that every view is given.

`current()` is the theme now; `Appearance.changed` tells that it is another. Words and numbers in a coloured role
use the `…_text` variants, which keep a contrast of at least 4.5:1 on their background.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

FAMILY_COLOURS = {
    "Data": "#8B93A7",
    "Dense": "#5B9DFF",
    "Convolution": "#B07CFF",
    "Pooling": "#3CC9C0",
    "Activation": "#FFB454",
    "Normalisation": "#7BD88F",
    "Recurrent": "#FF7EB6",
    "Attention": "#FF8A5B",
    "Combine": "#C0C7D6",
}

CLASS_COLOURS = (
    *("#5B9DFF", "#FFB454", "#4CC38A", "#FF7EB6", "#B07CFF"),
    *("#3CC9C0", "#FF8A5B", "#C9D15A", "#8B93A7", "#FF6B6B"),
)
"""Colours of the classes of a data set, in order; for two classes blue against orange, safe for colour-blind eyes."""


@dataclass(frozen=True)
class Theme:
    """All colours of one appearance, as ``#rrggbb``."""

    name: str
    canvas: str
    panel: str
    card: str
    field: str
    line: str
    chip: str
    text: str
    dim: str
    accent: str
    accent_text: str
    on_accent: str
    training: str
    validation: str
    validation_text: str
    good: str
    good_text: str
    bad: str
    bad_text: str
    wire: str
    dot: str

    @property
    def dark(self) -> bool:
        """Whether the background is dark."""
        return self.name == "dark"


DARK = Theme(
    "dark",
    canvas="#14161B",
    panel="#1B1E25",
    card="#232730",
    field="#2B303B",
    line="#2E333E",
    chip="#2B303B",
    text="#E8EAF0",
    dim="#9AA3B2",
    accent="#5B9DFF",
    accent_text="#5B9DFF",
    on_accent="#0B1220",
    training="#5B9DFF",
    validation="#FFB454",
    validation_text="#FFB454",
    good="#4CC38A",
    good_text="#4CC38A",
    bad="#FF6B6B",
    bad_text="#FF6B6B",
    wire="#6B7383",
    dot="#242832",
)

LIGHT = Theme(
    "light",
    canvas="#F4F5F8",
    panel="#FFFFFF",
    card="#FFFFFF",
    field="#EEF1F6",
    line="#D9DDE5",
    chip="#EEF1F6",
    text="#1B2028",
    dim="#667085",
    accent="#2F6FEB",
    accent_text="#1D57C9",
    on_accent="#FFFFFF",
    training="#2F6FEB",
    validation="#D9822B",
    validation_text="#9A5300",
    good="#1F9D61",
    good_text="#13703F",
    bad="#D92D20",
    bad_text="#B42318",
    wire="#9AA3B2",
    dot="#DFE3EA",
)


class Appearance(QObject):
    """Which theme is shown now. `choice` is ``system``, ``dark`` or ``light``.

    Signals:
        changed(): `theme` is another one.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = "system"
        self.theme = DARK

    def choose(self, choice: str) -> None:
        """Show the dark or the light theme, or follow the system."""
        self.choice = choice
        self._sync()

    def follow(self, app: QApplication) -> None:
        """Listen to the system's own choice, from the start of the application on."""
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._sync()

    def _on_system_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self.choice == "system":
            self._sync()

    def _sync(self) -> None:
        app = QApplication.instance()
        scheme = app.styleHints().colorScheme() if isinstance(app, QApplication) else Qt.ColorScheme.Dark
        light = self.choice == "light" or (self.choice == "system" and scheme == Qt.ColorScheme.Light)
        self.theme = LIGHT if light else DARK
        if isinstance(app, QApplication):
            dress(app, self.theme)
        self.changed.emit()


APPEARANCE = Appearance()
"""The one appearance of the program."""


def current() -> Theme:
    """Return the theme shown now."""
    return APPEARANCE.theme


def family_colour(family: str) -> QColor:
    """Return the colour of a family of blocks."""
    return QColor(FAMILY_COLOURS.get(family, FAMILY_COLOURS["Combine"]))


def font(size: float = 10, *, semibold: bool = False) -> QFont:
    """Return the program's font: Inter where it is installed, else the system's; figures of equal width."""
    made = QFont(QApplication.font())
    made.setPointSizeF(size)
    if semibold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def base_font() -> QFont:
    """Choose the base font of the application: Inter if there is one, a CJK font behind it for Chinese."""
    families = set(QFontDatabase.families())
    chosen = [name for name in ("Inter", "Noto Sans CJK SC", "Microsoft YaHei UI", "PingFang SC") if name in families]
    made = QFont(QApplication.font())
    if chosen:
        made.setFamilies([*chosen, *QApplication.font().families()])
    made.setPointSizeF(10)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def dress(app: QApplication, theme: Theme) -> None:
    """Put a theme on the application: Fusion, our palette, and a style sheet for what a palette cannot say."""
    if app.property("style") != "Fusion":  # once: another style object under living widgets is a risk for nothing
        app.setStyle("Fusion")
        app.setProperty("style", "Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.panel,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.field,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.field,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.bad,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent_text,
        QPalette.ColorRole.LinkVisited: theme.accent_text,
        QPalette.ColorRole.ToolTipBase: theme.card,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.dim,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Midlight: theme.line,
        QPalette.ColorRole.Dark: theme.line,
        QPalette.ColorRole.Light: theme.line,
        QPalette.ColorRole.Shadow: theme.canvas,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.dim))
    return palette


def _style_sheet(theme: Theme) -> str:
    """Say what a palette cannot: fields without bevels, menus and tool tips with room, thin scroll bars."""
    return "\n".join((_fields_style(theme), _buttons_style(theme), _frames_style(theme)))


def _fields_style(theme: Theme) -> str:
    field = "QLineEdit, QAbstractSpinBox, QComboBox"
    return f"""
    {field} {{ background: {theme.field}; color: {theme.text}; border: 1px solid {theme.field}; border-radius: 6px;
        padding: 3px 8px; min-height: 20px; selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover {{ border-color: {theme.line}; }}
    QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {{ border-color: {theme.accent}; }}
    QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"] {{ border-color: {theme.bad}; }}
    QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{ color: {theme.dim}; }}
    QAbstractSpinBox {{ padding: 3px 20px 3px 8px; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ subcontrol-origin: border; width: 18px;
        background: transparent; border: none; }}
    QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
    QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
    QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{ background: {theme.line};
        border-radius: 4px; }}
    QAbstractSpinBox::up-arrow {{ image: url({_asset("up")}); width: 11px; height: 11px; }}
    QAbstractSpinBox::down-arrow {{ image: url({_asset("down")}); width: 11px; height: 11px; }}
    QLineEdit[kind="quiet"] {{ background: transparent; border-color: transparent; padding: 1px 4px; }}
    QLineEdit[kind="quiet"]:hover {{ border-color: {theme.line}; }}
    QLineEdit[kind="quiet"]:focus {{ border-color: {theme.accent}; background: {theme.field}; }}
    QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ background: transparent; border: none; border-radius: 0;
        padding: 0; min-height: 0; }}
    QComboBox::drop-down {{ subcontrol-origin: border; width: 20px; border: none; }}
    QComboBox::down-arrow {{ image: url({_asset("down")}); width: 12px; height: 12px; }}
    QComboBox QAbstractItemView {{ background: {theme.card}; color: {theme.text}; border: 1px solid {theme.line};
        selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; padding: 4px; outline: none; }}
    QCheckBox {{ spacing: 8px; }}
    QCheckBox::indicator, QTableView::indicator {{ width: 15px; height: 15px; border: 1px solid {theme.wire};
        border-radius: 4px; background: {theme.field}; }}
    QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {theme.accent}; }}
    QTableView::indicator:disabled {{ border-color: {theme.line}; }}
    QCheckBox::indicator:checked, QTableView::indicator:checked {{ background: {theme.accent};
        border-color: {theme.accent}; image: url({_asset("check_" + theme.name)}); }}
    QCheckBox::indicator:indeterminate {{ background: {theme.accent}; border-color: {theme.accent};
        image: url({_asset("dash_" + theme.name)}); }}
    """


def _buttons_style(theme: Theme) -> str:
    return f"""
    QPushButton {{ background: {theme.field}; color: {theme.text}; border: 1px solid {theme.field}; border-radius: 6px;
        padding: 5px 14px; }}
    QPushButton:hover {{ border-color: {theme.wire}; }}
    QPushButton:focus {{ border-color: {theme.accent}; }}
    QPushButton:pressed {{ background: {theme.line}; }}
    QPushButton:disabled {{ color: {theme.dim}; }}
    QPushButton[kind="accent"], QPushButton:default {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; }}
    QPushButton[kind="accent"]:hover, QPushButton[kind="accent"]:focus {{ border-color: {theme.text}; }}
    QPushButton[kind="link"] {{ background: transparent; color: {theme.accent_text}; border-color: transparent;
        padding: 2px 4px; text-align: left; }}
    QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
    QPushButton[kind="row"] {{ background: transparent; border-color: transparent; padding: 6px 8px;
        text-align: left; }}
    QPushButton[kind="row"]:hover, QPushButton[kind="row"]:focus {{ background: {theme.field}; }}
    QToolButton {{ background: transparent; color: {theme.text}; border: 1px solid transparent; border-radius: 6px;
        padding: 4px; }}
    QToolButton:hover {{ background: {theme.field}; }}
    QToolButton:focus {{ border-color: {theme.accent}; }}
    QToolButton:pressed {{ background: {theme.line}; }}
    QToolButton:disabled {{ color: {theme.dim}; }}
    QToolButton::menu-indicator {{ image: none; width: 0; }}
    QTabBar {{ background: transparent; border: none; }}
    QTabBar::tab {{ background: transparent; color: {theme.dim}; border: none; border-bottom: 2px solid transparent;
        padding: 6px 6px 6px 8px; margin-right: 12px; }}
    QTabBar::tab:hover {{ color: {theme.text}; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
    QTabBar:focus {{ outline: none; }}
    QTabBar::tab:selected:focus {{ color: {theme.accent_text}; }}
    QToolButton[kind="accent"] {{ background: {theme.accent}; border-radius: 8px; }}
    QToolButton[kind="accent"]:hover, QToolButton[kind="accent"]:focus {{ border-color: {theme.text}; }}
    QToolButton[kind="accent"]:disabled {{ background: {theme.field}; }}
    QToolButton[kind="chip"], QLabel[kind="chip"] {{ background: {theme.chip}; color: {theme.text}; border-radius: 7px;
        padding: 5px 11px; }}
    QToolButton[kind="chip"] {{ border: 1px solid {theme.chip}; padding: 4px 10px; }}
    QToolButton[kind="chip"]:hover {{ border-color: {theme.wire}; }}
    QToolButton[kind="chip"]:focus {{ border-color: {theme.accent}; }}
    QToolButton[kind="chip"]:checked {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; }}
    QToolButton[kind="chip"]:disabled {{ color: {theme.dim}; }}
    """


def _frames_style(theme: Theme) -> str:
    return f"""
    QToolTip {{ background: {theme.card}; color: {theme.text}; border: 1px solid {theme.line}; padding: 4px 6px; }}
    QLabel[role="dim"] {{ color: {theme.dim}; }}
    QLabel[role="bad"] {{ color: {theme.bad_text}; }}
    QMainWindow::separator {{ background: {theme.line}; width: 1px; height: 1px; }}
    QMainWindow::separator:hover {{ background: {theme.accent}; }}
    QMenu {{ background: {theme.card}; color: {theme.text}; border: 1px solid {theme.line}; padding: 5px; }}
    QMenu::item {{ padding: 6px 26px 6px 12px; border-radius: 5px; }}
    QMenu::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QMenu::item:disabled {{ color: {theme.dim}; background: transparent; }}
    QMenu::icon {{ padding-left: 8px; }}
    QMenu::separator {{ background: {theme.line}; height: 1px; margin: 5px 8px; }}
    QScrollArea, QScrollArea > QWidget > QWidget[kind="page"] {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 8px; margin: 0; }}
    QScrollBar::handle {{ background: {theme.line}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
    QScrollBar::handle:hover {{ background: {theme.dim}; }}
    QScrollBar::handle:disabled {{ background: transparent; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; border: none; width: 0; height: 0; }}
    """


def _asset(name: str) -> str:
    return (Path(__file__).parent / "assets" / f"{name}.svg").as_posix()
