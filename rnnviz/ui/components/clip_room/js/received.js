/** What came from Python, with its arrays unpacked. */

import { unpack } from "../../common/js/encode.js";

const ARRAYS = ["saliency", "frameSaliency", "frameOcclusion", "patchOcclusion", "pixels"];

/** Return {clip, network, mattered} of a view. */
export function received({ clip, network, mattered }) {
  const states = map(network.states, ({ values, limit }) => ({ values: unpack(values), limit }));
  return {
    clip: { ...clip, frames: unpack(clip.frames) },
    network: {
      ...network,
      seen: unpack(network.seen),
      beliefs: unpack(network.beliefs),
      states,
      gates: map(network.gates, unpack),
    },
    mattered: receivedMattered(mattered),
  };
}

/** Return what mattered, null while it hasn't been measured. */
export function receivedMattered(mattered) {
  if (!mattered) return null;
  const arrays = Object.fromEntries(ARRAYS.map((name) => [name, unpack(mattered[name])]));
  return { ...mattered, ...arrays, norms: map(mattered.norms, unpack) };
}

/** Return an object with each of its values turned into another one. */
function map(object, turn) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, turn(value)]));
}
