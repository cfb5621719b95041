// Keep a value in a cookie, so that the server knows this browser again after a reload. One that
// another tab has kept in the meantime stays, and is told instead.

const YEAR_S = 365 * 24 * 3600
const NAME = /^[0-9a-f]{32}$/

function kept(cookie) {
  const pair = document.cookie.split("; ").find((one) => one.startsWith(`${cookie}=`))
  return pair ? pair.slice(cookie.length + 1) : ""
}

export default function (component) {
  const { cookie, value } = component.data
  const known = kept(cookie)
  if (NAME.test(known)) {
    if (known !== value) component.setStateValue("known", known)
    return
  }
  const secure = location.protocol === "https:" ? "; Secure" : ""
  document.cookie = `${cookie}=${value}; Max-Age=${YEAR_S}; Path=/; SameSite=Strict${secure}`
}
