// The location of the address, else the last one used here, else the first.
export function placeOf(query, locations) {
  const wanted = [query.location, localStorage.getItem("clinic.location")];
  const found = wanted.find((id) => locations.some((each) => each.id === id));
  return found ?? locations[0]?.id ?? null;
}
