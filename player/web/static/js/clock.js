/** "1:02:03.400": seconds as a reader of footage writes them. */
export function clock(seconds) {
  const total = Math.max(0, Math.round(seconds * 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor(total / 60_000) % 60;
  const rest = `${two(Math.floor(total / 1000) % 60)}.${String(total % 1000).padStart(3, "0")}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
