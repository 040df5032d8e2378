// The form of one resource: what was typed, what is wrong with it, and sending it.
import { newIdempotencyKey } from "@kit/client";
import type { ResourceDraft, StaffResource } from "@kit/scheduling";
import { reactive, ref, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { both } from "../components/words";
import { useSending } from "../composables/useSending";
import { scheduling } from "../schedulingApi";

type Errors = Partial<Record<"name" | "resource_type" | "level", string>>;

function draftOf(resource: StaffResource | null, branchId: string, type: string): ResourceDraft {
  if (!resource) {
    return {
      branch_id: branchId,
      resource_type: type,
      name: { zh: "", en: "" },
      level: null,
      bookable_by_name: true,
      capacity: 1,
      attributes: {},
      skills: {},
      mobile: false,
      travel_minutes: 0,
      active: true,
    };
  }
  const { id: _id, ...draft } = JSON.parse(JSON.stringify(resource)) as StaffResource;
  return draft;
}

export function useResourceForm(
  resource: StaffResource | null,
  place: { branchId: string; type: string },
): {
  form: ResourceDraft;
  errors: Ref<Errors>;
  sending: Ref<string | null>;
  submit: () => Promise<StaffResource | null>;
} {
  const { t } = useI18n();
  const { sending, send } = useSending();
  const id = resource?.id ?? newIdempotencyKey();
  const form = reactive(draftOf(resource, place.branchId, place.type));
  const errors = ref<Errors>({});

  function complete(): ResourceDraft {
    const level = form.level && (form.level.zh || form.level.en) ? both(form.level) : null;
    const attributes = Object.fromEntries(Object.entries(form.attributes).filter(([, value]) => value.trim()));
    return { ...form, name: both(form.name), level, attributes };
  }

  async function submit(): Promise<StaffResource | null> {
    errors.value = {};
    if (!form.name.zh.trim() && !form.name.en.trim()) errors.value.name = t("resources.needName");
    if (!form.resource_type) errors.value.resource_type = t("resources.needType");
    if (Object.keys(errors.value).length) return null;
    const sent = await send("resource", () => scheduling.defineResource(id, complete()), {
      done: t("common.saved"),
      refused: (problem) => {
        for (const { pointer, message } of problem.errors) {
          const field = pointer.split("/")[1] as keyof Errors;
          if (["name", "resource_type", "level"].includes(field)) errors.value[field] = message;
        }
        return Object.keys(errors.value).length > 0;
      },
    });
    return sent?.answer ?? null;
  }

  return { form, errors, sending, submit };
}
