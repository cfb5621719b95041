/** The keys of a video player, and those of the canvas. */

// What uses arrows, space and letters for itself.
const OWN_KEYS = ["dialog", "menu", "listbox", "combobox", "tab", "slider", "radio", "spinbutton"]
  .map((role) => `[role=${role}]`)
  .join(", ");

/** Whether a key belongs to what has the focus: a field, a menu, a dialog. */
function isTaken(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  if (target.closest(OWN_KEYS)) return true;
  if (target.isContentEditable || target.closest("textarea, select")) return true;
  const field = target.closest("input");
  if (field) return !field.classList.contains("scrubber");
  // Space and enter press a button or follow a link that has the focus.
  const pressed = target.closest("button, a, summary, [role=button]");
  return Boolean(pressed) && (event.key === " " || event.key === "Enter");
}

/** Handle a key pressed anywhere on the page; return whether it meant something here. */
export function handleKey(event, { clock, transport, pad, lead }) {
  if (event.defaultPrevented || event.altKey || isTaken(event)) return false;
  const key = event.key;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() === "z") return act(event.shiftKey ? () => pad.redo() : () => pad.undo());
    if (key.toLowerCase() === "y") return act(() => pad.redo());
    return false;
  }
  const leap = Math.max(1, Math.round((lead()?.depths ?? 10) / 10));
  const size = event.shiftKey ? leap : 1;
  const actions = {
    " ": () => clock.toggle(),
    k: () => clock.toggle(),
    ArrowLeft: () => transport.stepBy(-size),
    ArrowRight: () => transport.stepBy(size),
    Home: () => clock.seek(0),
    End: () => clock.seek(1),
    "<": () => transport.changeSpeed(-1),
    "-": () => transport.changeSpeed(-1),
    ">": () => transport.changeSpeed(1),
    "+": () => transport.changeSpeed(1),
    l: () => transport.toggleLoop(),
    Delete: () => pad.clear(),
  };
  return key in actions ? act(actions[key]) : false;

  function act(action) {
    event.preventDefault();
    action();
    return true;
  }
}
