type Known = {
  files: { path: string; modified_at: string }[];
  documents: { path: string; error?: unknown }[];
  /** When the conversion began. */
  since: string;
  /** Uploads that were there then, and are others now. */
  replaced: string[];
};

/** How many documents came since a conversion, in uploads that it did not have. */
export function newDocuments({ files, documents, since, replaced }: Known): number {
  const began = Date.parse(since);
  const isNew = ({ path, modified_at }: { path: string; modified_at: string }) =>
    Date.parse(modified_at) > began && !replaced.includes(path);
  const uploads = new Set(files.filter(isNew).map(({ path }) => path));
  const isIn = (path: string) => {
    // A document in an archive has the archive's name in front.
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (uploads.has(path.slice(0, end))) return true;
    }
    return false;
  };
  return documents.filter(({ path, error }) => !error && isIn(path)).length;
}
