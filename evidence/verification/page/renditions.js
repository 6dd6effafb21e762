// Step 9: renditions are those that entries name, and how many the archive compared.  (As renditions.py.)
// One rule: what the archive did not compare with the original may show anything, and says so.

import { done } from "./verdict.js";
import { COMPARED, must } from "./shapes.js";
import { DATA } from "./bag.js";
import { archived, eachClip, mustBe, refuse } from "./clips.js";

/** Kind of entry -> what the archive found. */
const FOUND = { "derive.verified": "same", "derive.compared": "likeness", "derive.refused": "differs" };
const WORDS = { same: ["the same", "个相同"], likeness: ["a likeness", "个相似"], differs: ["not what the original holds", "个与原件不符"] };
/** Made anew in each rendition, and no part of what the archive compares. */
const NOT_COMPARED = new Set(["thumbnail.jpg", "tiles.jpg", "tiles.json"]);

export async function checkRenditions(about, step) {
  const [count, found] = [{ all: 0 }, {}];
  const ending = await eachClip(about, step, async (clip) => {
    for (const rendition of clip.renditions) {
      count.all += 1;
      await step.about(clip.clip, () => checkOne(about, clip, rendition, step, found));
    }
  });
  return count.all ? done(...words(count.all, found)) : ending;
}

async function checkOne(about, clip, rendition, step, found) {
  const said = await about.proven.fields(rendition.entry);
  if (said.kind !== "derive" || said.clip !== clip.clip) refuse(`entry ${rendition.entry} is no derive entry of ${clip.clip}`, `第 ${rendition.entry} 项不是 ${clip.clip} 的派生条目`);
  const right = [];
  for (const [name, path] of Object.entries(rendition.objects)) {
    step.checked += 1;
    await step.about(path, () => {
      const wanted = Object.hasOwn(said.objects, name) ? said.objects[name].sha256 : refuse("its derive entry does not name it", "派生条目未列出它");
      mustBe(about, path, wanted, null);
      right.push([name, { path, sha256: wanted, clip: clip.clip, size: about.measured.get(DATA + path).size }]);
    });
  }
  const { word, objects } = await compared(about, clip, rendition, said);
  if (word) found[word] = (found[word] ?? 0) + 1;
  for (const [name, it] of right) {
    const was = Object.hasOwn(objects, name) && !NOT_COMPARED.has(name);
    about.playable.set(`${clip.clip} ${it.path}`, { ...it, compared: was ? word : null });
  }
}

/** What the archive's last word on the rendition was, and of which objects; throws if that speaks of others. */
async function compared({ proven }, clip, rendition, derived) {
  let last = null;
  for (const index of clip.entries) {
    if (index <= rendition.entry || !proven.has(index)) continue;
    const fields = await proven.fields(index);
    if (!Object.hasOwn(FOUND, fields.kind)) continue;
    must(COMPARED, fields, `an entry of kind ${fields.kind}`, `类别为 ${fields.kind} 的条目`);
    if (fields.clip === clip.clip && fields.derived === rendition.entry) last = { index, fields };
  }
  if (!last) return { word: null, objects: {} };
  const { index, fields } = last;
  const { digests } = await archived(proven, clip);
  if (fields.original.sha256 !== digests.sha256) refuse(`entry ${index} compared another original`, `第 ${index} 项比对的是另一原件`);
  for (const [name, { sha256 }] of Object.entries(derived.objects)) {
    const was = Object.hasOwn(fields.objects, name);
    if (!was && !NOT_COMPARED.has(name)) refuse(`entry ${index} did not compare ${name}`, `第 ${index} 项没有比对 ${name}`);
    if (was && fields.objects[name].sha256 !== sha256) refuse(`entry ${index} compared another ${name}`, `第 ${index} 项比对的是另一个 ${name}`);
  }
  return { word: FOUND[fields.kind], objects: fields.objects };
}

function words(count, found) {
  const told = Object.keys(WORDS).filter((word) => found[word]);
  const compared = told.reduce((sum, word) => sum + found[word], 0);
  const en = told.map((word) => `${found[word]} ${WORDS[word][0]}`).join(", ");
  const zh = told.map((word) => `${found[word]} ${WORDS[word][1]}`).join("，");
  return [
    `renditions that the archive compared with the original: ${compared} of ${count}${en && ` (${en})`}`,
    `档案方与原件比对过的派生件：${count} 个中的 ${compared} 个${zh && `（${zh}）`}`,
  ];
}
