// A draft while somebody edits it: what was changed, saving it, and publishing what was saved.
import type { ApiProblem } from "@kit/client";
import type { Field } from "@kit/forms/kinds";
import type { Definition } from "@kit/forms/state";
import type { Text } from "@kit/types";
import { ElMessageBox } from "element-plus";
import { computed, reactive, ref, shallowRef, watch, type ComputedRef, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { both } from "../components/words";
import { useSending } from "../composables/useSending";
import { formsApi } from "../formsApi";
import { useLocale } from "../i18n";
import { readRules, without } from "./fieldModel";
import type { Form, Wrong } from "./types";

export interface Draft {
  name: Text;
  fields: Ref<Field[]>;
  rules: Ref<string>;
  isPublic: Ref<boolean>;
  /** What the draft says now, null while its rules cannot be read. */
  definition: ComputedRef<Definition | null>;
  dirty: ComputedRef<boolean>;
  wrong: ComputedRef<Wrong[]>;
  sending: Ref<string | null>;
  remove: (key: string) => void;
  save: () => Promise<boolean>;
  publish: () => Promise<void>;
}

const written = (form: Form): string => (form.definition.rules?.length ? JSON.stringify(form.definition.rules, null, 2) : "");

/** `changed` gets the form as the gateway answers it; `reload` fetches what somebody else saved. */
export function useDraft(form: Ref<Form>, changed: (form: Form) => void, reload: () => Promise<void>): Draft {
  const { t } = useI18n();
  const { pick } = useLocale();
  const { sending, send } = useSending();

  const name = reactive<Text>({ zh: "", en: "" });
  const fields: Ref<Field[]> = shallowRef<Field[]>([]);
  const rules = ref("");
  const isPublic = ref(false);
  const refused = ref<Wrong[]>([]);

  const definition = computed<Definition | null>(() => {
    const read = readRules(rules.value);
    return read && { fields: fields.value, rules: read };
  });
  const content = (): string => JSON.stringify([name, fields.value, rules.value, isPublic.value]);
  const shown = ref("");
  const dirty = computed(() => content() !== shown.value);
  /** A refusal is about what was sent last, the draft's own faults about what was saved last. */
  const wrong = computed<Wrong[]>(() =>
    refused.value.length ? refused.value : form.value.faults.map((fault) => ({ ...fault, message: pick(fault.message) })),
  );

  function show(next: Form): void {
    Object.assign(name, { zh: next.name.zh ?? "", en: next.name.en ?? "" });
    fields.value = JSON.parse(JSON.stringify(next.definition.fields)) as Field[];
    rules.value = written(next);
    isPublic.value = next.public;
    refused.value = [];
    shown.value = content();
  }
  // what comes by itself never overwrites what somebody is writing
  watch(form, (next) => (shown.value === "" || !dirty.value) && show(next), { immediate: true });

  function remove(key: string): void {
    if (definition.value) {
      const rest = without(definition.value, key);
      fields.value = rest.fields;
      rules.value = rest.rules?.length ? JSON.stringify(rest.rules, null, 2) : "";
    } else fields.value = fields.value.filter((field) => field.key !== key);
  }

  function refusal(problem: ApiProblem): boolean {
    if (problem.code === "booking.form_changed") {
      void askToReload();
      return true;
    }
    refused.value = problem.errors;
    return problem.errors.length > 0;
  }

  async function askToReload(): Promise<void> {
    const sure = await ElMessageBox.confirm(t("designer.stale"), { confirmButtonText: t("designer.reload"), cancelButtonText: t("common.cancel") }).catch(() => null);
    if (!sure) return;
    shown.value = "";
    await reload();
    show(form.value);
  }

  async function save(): Promise<boolean> {
    if (!definition.value) return false;
    const { id, kind, active, revision } = form.value;
    const body = { kind, name: both(name), definition: definition.value, active, public: isPublic.value, revision };
    const sent = await send("save", () => formsApi.defineForm(id, body), { done: t("designer.saved"), refused: refusal });
    if (!sent) return false;
    show(sent.answer);
    changed(sent.answer);
    return true;
  }

  async function publish(): Promise<void> {
    if (dirty.value && !(await save())) return;
    const { id, revision } = form.value;
    const sent = await send("publish", () => formsApi.publishForm(id, revision), { done: t("designer.published"), refused: refusal });
    if (sent) {
      show(sent.answer);
      changed(sent.answer);
    }
  }

  return { name, fields, rules, isPublic, definition, dirty, wrong, sending, remove, save, publish };
}
