// Who is signed in and what they may do; the cookie is the gateway's, this only remembers its answer.
import { ApiProblem } from "@kit/client";
import type { Staff } from "@kit/types";
import { defineStore } from "pinia";
import { ref } from "vue";
import { api } from "../api";

export const useSession = defineStore("session", () => {
  const staff = ref<Staff | null>(null);

  /** Whether to show a control; the gateway decides anew on every request. */
  const may = (permission: string): boolean => staff.value?.permissions.includes(permission) ?? false;

  /** What all branches share is only for those who work for all of them. */
  const mayShared = (permission: string): boolean => may(permission) && staff.value?.branch_ids === null;

  /** Whether somebody is signed in, asking the gateway the first time. */
  async function restore(): Promise<boolean> {
    if (staff.value) return true;
    try {
      staff.value = (await api.currentSession()).staff;
      return true;
    } catch (problem) {
      // without the gateway the pages themselves say what is wrong
      return problem instanceof ApiProblem && problem.status !== 401;
    }
  }

  async function signIn(login: string, password: string): Promise<void> {
    staff.value = (await api.signIn(login, password)).staff;
  }

  async function signOut(): Promise<void> {
    try {
      await api.signOut();
    } finally {
      forget();
    }
  }

  function forget(): void {
    staff.value = null;
  }

  return { staff, may, mayShared, restore, signIn, signOut, forget };
});
