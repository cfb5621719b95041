// Keep a value in a cookie, so that the server knows this browser again after a reload.

const YEAR_S = 365 * 24 * 3600

export default function (component) {
  const { cookie, value } = component.data
  const secure = location.protocol === "https:" ? "; Secure" : ""
  document.cookie = `${cookie}=${value}; Max-Age=${YEAR_S}; Path=/; SameSite=Strict${secure}`
}
