/** Pictures from the clipboard, or dropped on the page: made small before they travel. */

const MOST_BYTES = 25_000_000;
const MOST_SIDE = 1024;

/** Return {kind: "image", data, name} or {kind: "problem", message} for a file. */
export async function readImage(file) {
  const problem = (message) => ({ kind: "problem", message });
  if (!file.type.startsWith("image/")) {
    return problem("That is no picture. Copy or drop a PNG, JPEG or GIF.");
  }
  if (file.size > MOST_BYTES) {
    return problem("That picture is larger than 25 MB. Make it smaller and try again.");
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return problem("The browser can't read that picture. Save it as PNG or JPEG and try again.");
  }
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return {
    kind: "image",
    data: canvas.toDataURL("image/png").split(",")[1],
    name: file.name || "clipboard",
  };
}

/** Return the first image of a clipboard or a drop, the first file of any kind, or null. */
export function firstFile(transfer) {
  const files = [...(transfer?.files ?? [])];
  return files.find((file) => file.type.startsWith("image/")) ?? files[0] ?? null;
}
