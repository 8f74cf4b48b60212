// The engine's trace, as a person would tell it: what the page must show for each of its lines.

/** The events of a trace's lines. `at` is the moment as the page writes it. */
export function eventsOf(lines) {
  const begins = lines.findIndex((line) => line.startsWith("trace "));
  return lines.slice(begins + 1).filter((line) => line.trim() !== "").map(event);
}

const LINE = /^ *(\d+) +(\d+)(us|ms|s) +([AB-]) <(\d+|-) +(.*?) \[([a-z0-9-]+)\]$/;
const MICROS = { us: 1, ms: 1_000, s: 1_000_000 };

function event(line) {
  const parts = LINE.exec(line);
  if (parts === null) throw new Error(`no line of a trace: ${line}`);
  const [, , time, unit, host, , what, rule] = parts;
  const micros = Number(time) * MICROS[unit];
  const [kind] = what.split(" ");
  return { line, micros, at: momentOf(micros), host: { A: "HOST1", B: "HOST2" }[host], kind, what, rule };
}

/** A moment as the page writes it: `1.272 s`. */
export function momentOf(micros) {
  return `${Math.floor(micros / 1_000_000)}.${String(Math.floor(micros / 1_000) % 1_000).padStart(3, "0")} s`;
}

/** A segment as the page writes it, from the words of an event that has one. */
export function segmentOf({ what }) {
  const [, flags, seq] = /^\w+ \S+ (?:by \d+ )?(?:again \S+ )?(\S+) (\d+)/.exec(what);
  const ack = / ack (\d+)/.exec(what)?.[1];
  const data = / data "((?:[^"\\]|\\.)*)"/.exec(what)?.[1];
  const both = (word) => (ack === undefined ? `${word} ${seq}` : `${word} ${seq}/${ack}`);
  const isFin = flags.split(",").includes("FIN");
  const shown = data !== undefined && data.length > 12 ? `"${data.slice(0, 12)}…"` : `"${data}"`;
  if (data !== undefined) return isFin ? both(`FIN ${shown}`) : `${shown} ${seq}`;
  return flags === "ACK" ? `ACK ${ack}` : both(flags);
}

/**
 * What the list of all that happens must have, from a trace: for each moment the sentences that say
 * what arrives, what leaves, what is lost and how states change.
 */
export function toldOf(lines) {
  const told = new Map();
  const events = eventsOf(lines);
  const names = new Map();
  for (const one of events) {
    const name = /^(?:sent|injected) (\S+)/.exec(one.what)?.[1];
    if (name !== undefined) names.set(name, segmentOf(one));
  }
  const state = (name) => name.replaceAll("-", "_");
  for (const one of events) {
    if (!told.has(one.at)) told.set(one.at, []);
    const say = (sentence) => told.get(one.at).push(sentence);
    if (one.kind === "arrived") say(`${segmentOf(one)} arrives at ${one.host}.`);
    if (one.kind === "sent") say(`${one.host} sends ${segmentOf(one)}${/ again /.test(one.what) ? " again" : ""}.`);
    if (one.kind === "lost") say(`${names.get(one.what.split(" ")[1])} is lost.`);
    if (one.kind === "state") {
      const [, from, to] = /^state \d+ (\S+) to (\S+)/.exec(one.what);
      say(`${one.host}: ${state(from)} → ${state(to)}`);
    }
  }
  return told;
}
