/** The keys of a video player, and those of the canvas. */

import { isTaken } from "./focus.js";

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
