// Times of day as people here write them: 09.02 in Indonesian, 09:02 in English, always with their zone.

export function clockIn(instant, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone })
    .formatToParts(new Date(instant));
  const part = (type) => parts.find((p) => p.type === type).value;
  const separator = document.documentElement.lang === "id" ? "." : ":";
  return `${part("hour")}${separator}${part("minute")}`;
}
