// What the API said of each field, by where it stands: "shifts.1.start" -> its first message.

// The API nests what a schema refuses ({shifts: {1: {start: […]}}}, a mapping's entries under
// "value") and writes what a rule refuses as a path ("hours.mon").
export function errorsOf(problem) {
  const found = new Map();
  gather(problem?.errors ?? {}, "", found);
  return found;
}

function gather(part, path, found) {
  if (typeof part === "string") {
    if (!found.has(path)) found.set(path, part);
  } else if (Array.isArray(part)) {
    if (part.length) gather(part[0], path, found);
  } else {
    for (const [name, inner] of Object.entries(part)) {
      gather(inner, name === "value" || name === "key" ? path : path ? `${path}.${name}` : name, found);
    }
  }
}

// What is said of a field itself, or of anything in it.
export const errorIn = (errors, path) =>
  errors.get(path) ?? [...errors].find(([each]) => each.startsWith(`${path}.`))?.[1] ?? null;

// What is said of none of these fields: it stands over the form.
export const errorsElsewhere = (errors, names) =>
  [...errors].filter(([path]) => !names.includes(path.split(".")[0]));
