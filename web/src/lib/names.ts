/** A table's name without its group in front, which is there where names would be the same else. */
export function shortName({ name, group }: { name: string; group: string }): string {
  const prefix = `${group}.`;
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : name;
}
