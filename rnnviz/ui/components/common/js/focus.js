/** Whether a key is meant for what has the focus. */

// What uses arrows, space and letters for itself.
const OWN_KEYS = ["dialog", "menu", "listbox", "combobox", "tab", "slider", "radio", "spinbutton"]
  .map((role) => `[role=${role}]`)
  .join(", ");

/** Whether a key belongs to what has the focus: a field, a menu, a dialog. */
export function isTaken(event) {
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
