/** Plotly's own library, loaded once a page from the server that the page came from. */

// On the page and not in this module, of which there may be one for each figure.
const LOADING = Symbol.for("rnnviz.plotly");

/**
 * Return a promise of Plotly; `path` is where the server has it, without a slash before it, and
 * `packed` whether it has it with gzip too.
 */
export function loadPlotly({ path, packed }) {
  window[LOADING] ??= fetchPlotly(new URL(path, serverRoot()), packed).catch((error) => {
    // The next figure tries again.
    window[LOADING] = null;
    throw error;
  });
  return window[LOADING];
}

async function fetchPlotly(address, packed) {
  const unpacks = packed && "DecompressionStream" in window;
  if (unpacks) address.pathname += ".gz";
  // The server says neither how long its answer is good nor whether it has changed. The version
  // in the address does, so a stored answer is always good.
  const answer = await fetch(address, { cache: "force-cache" });
  if (!answer.ok) throw new Error(`Plotly can't be loaded: ${answer.status}`);
  const body = unpacks ? answer.body.pipeThrough(new DecompressionStream("gzip")) : answer.body;
  const text = await new Response(body).text();
  const source = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: source, onload: resolve, onerror: reject });
    document.head.append(script);
  });
  URL.revokeObjectURL(source);
  return window.Plotly;
}

/** Return the address below which Streamlit answers, behind whatever proxies. */
function serverRoot() {
  const own = document.querySelector('script[src*="static/js/"]');
  return own ? new URL("../../", own.src) : new URL("/", window.location.href);
}
