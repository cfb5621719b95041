// Keep the address at what the page shows, and copy it when asked to.

const COPIED_FOR_MS = 2000

export default function (component) {
  const { data, parentElement } = component
  const place = parentElement
  let button = place.querySelector("button")
  if (!button) {
    button = build(place)
  }
  button.dataset.query = data.query
  // Streamlit may put up once more what is about to leave the page: the latest to be told counts.
  if (data.told < (window.rnnvizTold ?? 0)) return
  window.rnnvizTold = data.told
  const address = addressOf(data.query)
  if (address !== location.href) {
    history.replaceState(history.state, "", address)
  }
}

function addressOf(query) {
  return location.origin + location.pathname + (query ? "?" + query : "") + location.hash
}

function build(place) {
  const button = document.createElement("button")
  button.type = "button"
  button.title = "Copy a link that shows exactly this, with all that is chosen"
  const label = document.createElement("span")
  label.textContent = "Copy link"
  button.append(label)
  button.setAttribute("aria-live", "polite")
  button.addEventListener("click", async () => {
    const copied = await copy(addressOf(button.dataset.query))
    label.textContent = copied ? "Copied" : "Copy it from the address bar"
    setTimeout(() => (label.textContent = "Copy link"), COPIED_FOR_MS)
  })
  place.append(button)
  return button
}

async function copy(text) {
  // Browsers offer a clipboard to secure pages only; on a plain address in a local network the
  // link still stands in the address bar.
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
