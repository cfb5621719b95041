/** The camera: asked for, opened, closed, and in words why it can't be. */

const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
const FIRST_PICTURE_MS = 10000;

const REASONS = {
  NotAllowedError:
    "The camera wasn't allowed. To allow it, click the sign of a camera or a lock beside the " +
    "address of this page, allow the camera, and press the button again.",
  NotFoundError:
    "No camera was found. Plug one in and press the button again, or upload a video instead.",
  NotReadableError:
    "The camera can't be used: another program or tab seems to have it. Close that one, and " +
    "press the button again.",
  TimeoutError:
    "The camera gives no picture. Is it covered or switched off? Press the button to try again.",
};
REASONS.SecurityError = REASONS.NotAllowedError;
REASONS.OverconstrainedError = REASONS.NotFoundError;
REASONS.AbortError = REASONS.NotReadableError;

const NOT_SAFE =
  "Browsers give a camera only to pages that come over https, or from this very computer " +
  "(localhost). Ask whoever runs this server for an https address, or upload a video instead.";
const TOO_OLD = "This browser gives no page a camera. Try another one, or upload a video instead.";

/** Return in words why there can't be a camera at all, "" if there may be one. */
export function noCamera() {
  if (navigator.mediaDevices?.getUserMedia) return "";
  return window.isSecureContext ? TOO_OLD : NOT_SAFE;
}

/** Return in words why a camera couldn't be opened, and what to do about it. */
export function reasonOf(error) {
  return REASONS[error.name] ?? "The camera can't be opened. Try again, or upload a video instead.";
}

/**
 * Open a camera into a video element and return {stream, mirrored, others}.
 *
 * `device` is its id, or null for the one that looks at the person. `mirrored` says whether one
 * expects to see oneself as in a mirror; `others` are the ids of the cameras that there are besides.
 * The promise fails with what the browser says, or with a TimeoutError where no picture comes.
 */
export async function openCamera(video, device, signal) {
  const choice = device ? { deviceId: { exact: device } } : { facingMode: "user" };
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { ...WANTED, ...choice },
    audio: false,
  });
  try {
    signal.throwIfAborted();
    video.srcObject = stream;
    await firstPicture(video, signal);
    const { deviceId, facingMode } = stream.getVideoTracks()[0].getSettings();
    const devices = await navigator.mediaDevices.enumerateDevices();
    signal.throwIfAborted();
    const others = devices
      .filter((one) => one.kind === "videoinput" && one.deviceId && one.deviceId !== deviceId)
      .map((one) => one.deviceId);
    return { stream, mirrored: facingMode !== "environment", others };
  } catch (error) {
    closeCamera(video, stream);
    throw error;
  }
}

/** Stop a stream, so that the camera's light goes out. */
export function closeCamera(video, stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

/** Wait until a picture is there. */
function firstPicture(video, signal) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(timer);
      video.removeEventListener("loadeddata", arrived);
      signal.removeEventListener("abort", aborted);
      settle(value);
    };
    const arrived = () => end(resolve);
    const aborted = () => end(reject, signal.reason);
    const late = () => end(reject, new DOMException("No picture came.", "TimeoutError"));
    const timer = setTimeout(late, FIRST_PICTURE_MS);
    video.addEventListener("loadeddata", arrived);
    signal.addEventListener("abort", aborted);
    // Some browsers start a video only when asked to, although it is to start by itself.
    video.play().catch(() => {});
  });
}
