/** A file with the folders that it lay in. */
export type NamedFile = { name: string; file: File };

/** The files of a drop, those of folders with their way: `may/orders.xml`. Must be called while the drop is told. */
export async function droppedFiles(data: DataTransfer): Promise<NamedFile[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return chosenFiles(data.files);
  const found: NamedFile[] = [];
  for (const entry of entries) await collect(entry, "", found);
  return inOrder(found);
}

/** The files of an input; of a folder with their way. */
export function chosenFiles(files: Iterable<File>): NamedFile[] {
  return inOrder([...files].map((file) => ({ name: file.webkitRelativePath || file.name, file })).filter(isMeant));
}

const collator = new Intl.Collator("en", { numeric: true });

/** By name, the second before the tenth: rows of tables come in the order in which files are sent, and file systems have one of their own. */
function inOrder(files: NamedFile[]): NamedFile[] {
  return files.sort((a, b) => collator.compare(a.name, b.name));
}

async function collect(entry: FileSystemEntry, folder: string, found: NamedFile[]): Promise<void> {
  const name = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    if (isMeant({ name, file })) found.push({ name, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A folder is read in portions until one is empty.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return;
    for (const inner of portion) await collect(inner, `${name}/`, found);
  }
}

/** Files that systems leave behind in folders are nobody's documents. */
function isMeant({ name }: NamedFile): boolean {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return !last.startsWith(".") && last !== "Thumbs.db" && last !== "desktop.ini";
}
