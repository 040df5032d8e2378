// The studio's types of resources and its skills: short lists that several pages name things by.
import type { ResourceType, Skill } from "@kit/scheduling";
import type { Text } from "@kit/types";
import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { scheduling } from "../schedulingApi";

export const useStudio = defineStore("studio", () => {
  const types = ref<ResourceType[]>([]);
  const skills = ref<Skill[]>([]);
  const loaded = ref(false);

  async function load(): Promise<void> {
    const [typeList, skillList] = await Promise.all([scheduling.resourceTypes(), scheduling.skills()]);
    types.value = typeList.items;
    skills.value = skillList.items;
    loaded.value = true;
  }

  /** Load once; whoever changes a list loads it again. */
  const ensure = async (): Promise<void> => void (loaded.value || (await load()));

  const typesById = computed(() => new Map(types.value.map((type) => [type.id, type])));
  const skillsById = computed(() => new Map(skills.value.map((skill) => [skill.id, skill])));
  const typeName = (id: string): Text => typesById.value.get(id)?.name ?? { zh: id, en: id };
  const skillName = (id: string): Text => skillsById.value.get(id)?.name ?? { zh: id, en: id };
  const isPerson = (typeId: string): boolean => typesById.value.get(typeId)?.kind === "person";

  return { types, skills, loaded, load, ensure, typeName, skillName, isPerson };
});
