import { createRouter, createWebHistory } from "vue-router";
import { useSession } from "./stores/session";

declare module "vue-router" {
  interface RouteMeta {
    /** i18n key of the page's title. */
    title?: string;
    /** Reachable without a session. */
    open?: boolean;
    /** The navigation entry that is lit on this page. */
    nav?: string;
    /** The permission without which there is nothing to see. */
    needs?: string;
  }
}

export const router = createRouter({
  history: createWebHistory("/console/"),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  routes: [
    { path: "/", redirect: { name: "calendar" } },
    {
      path: "/login",
      name: "login",
      component: () => import("./pages/LoginPage.vue"),
      meta: { open: true, title: "login.title" },
    },
    {
      path: "/calendar",
      name: "calendar",
      component: () => import("./pages/CalendarPage.vue"),
      meta: { title: "nav.calendar", nav: "calendar" },
    },
    {
      path: "/bookings",
      name: "bookings",
      component: () => import("./pages/BookingsPage.vue"),
      meta: { title: "nav.bookings", nav: "bookings" },
    },
    {
      path: "/bookings/weather",
      name: "weather",
      component: () => import("./pages/WeatherPage.vue"),
      meta: { title: "weather.title", nav: "bookings", needs: "booking.write" },
    },
    {
      path: "/waitlist",
      name: "waitlist",
      component: () => import("./pages/WaitlistPage.vue"),
      meta: { title: "nav.waitlist", nav: "waitlist" },
    },
    {
      path: "/resources",
      name: "resources",
      component: () => import("./pages/ResourcesPage.vue"),
      meta: { title: "nav.resources", nav: "resources" },
    },
    {
      path: "/resources/leave",
      name: "leave",
      component: () => import("./pages/LeavePage.vue"),
      meta: { title: "studio.leave", nav: "resources" },
    },
    {
      path: "/resources/days",
      name: "days",
      component: () => import("./pages/DaysPage.vue"),
      meta: { title: "studio.days", nav: "resources" },
    },
    {
      path: "/resources/types",
      name: "types",
      component: () => import("./pages/TypesPage.vue"),
      meta: { title: "studio.types", nav: "resources" },
    },
    {
      path: "/resources/appearance",
      name: "appearance",
      component: () => import("./theme/AppearancePage.vue"),
      meta: { title: "studio.appearance", nav: "resources", needs: "theme.write" },
    },
    {
      path: "/money",
      name: "money",
      redirect: () => ({ name: useSession().may("cash.write") ? "cash" : "prices" }),
    },
    {
      path: "/money/cash",
      name: "cash",
      component: () => import("./pages/CashPage.vue"),
      meta: { title: "nav.cash", nav: "money", needs: "cash.write" },
    },
    {
      path: "/money/prices",
      name: "prices",
      component: () => import("./pages/PricesPage.vue"),
      meta: { title: "nav.prices", nav: "money", needs: "catalogue.write" },
    },
    {
      path: "/money/members",
      name: "members",
      component: () => import("./members/MembersPage.vue"),
      meta: { title: "nav.members", nav: "money", needs: "catalogue.write" },
    },
    {
      path: "/money/agreements",
      name: "agreements",
      component: () => import("./agreements/AgreementsPage.vue"),
      meta: { title: "nav.agreements", nav: "money", needs: "catalogue.write" },
    },
    {
      path: "/customers",
      name: "customers",
      component: () => import("./pages/CustomersPage.vue"),
      meta: { title: "nav.customers", nav: "customers" },
    },
    {
      path: "/customers/:id",
      name: "customer",
      component: () => import("./pages/CustomerPage.vue"),
      props: true,
      meta: { title: "nav.customers", nav: "customers" },
    },
    {
      path: "/forms",
      name: "forms",
      component: () => import("./pages/FormsPage.vue"),
      meta: { title: "forms.title", nav: "forms", needs: "form.read" },
    },
    {
      path: "/forms/tables",
      name: "tables",
      component: () => import("./pages/TablesPage.vue"),
      meta: { title: "tables.title", nav: "forms", needs: "form.read" },
    },
    {
      path: "/forms/tables/:id",
      name: "table",
      component: () => import("./pages/TablePage.vue"),
      props: true,
      meta: { title: "tables.title", nav: "forms", needs: "form.read" },
    },
    {
      path: "/forms/:id/:tab?",
      name: "form",
      component: () => import("./pages/FormPage.vue"),
      props: true,
      meta: { title: "forms.title", nav: "forms", needs: "form.read" },
    },
    {
      path: "/imports",
      name: "imports",
      component: () => import("./pages/ImportsPage.vue"),
      meta: { title: "nav.imports", nav: "customers", needs: "import.write" },
    },
    {
      path: "/imports/:id",
      name: "import",
      component: () => import("./pages/ImportPage.vue"),
      props: true,
      meta: { title: "nav.imports", nav: "customers", needs: "import.write" },
    },
    {
      path: "/dashboard",
      name: "dashboard",
      component: () => import("./pages/DashboardPage.vue"),
      meta: { title: "nav.dashboard", nav: "dashboard" },
    },
    {
      path: "/tasks",
      name: "tasks",
      component: () => import("./pages/TasksPage.vue"),
      meta: { title: "nav.tasks", nav: "tasks" },
    },
    {
      path: "/:rest(.*)*",
      name: "missing",
      component: () => import("./pages/MissingPage.vue"),
      meta: { title: "missing.title" },
    },
  ],
});

router.beforeEach(async (to) => {
  const session = useSession();
  if (to.meta.open) return true;
  if (await session.restore()) {
    const { needs } = to.meta;
    return !needs || !session.staff || session.may(needs) || { name: "calendar" };
  }
  return { name: "login", query: to.fullPath === "/calendar" ? {} : { back: to.fullPath } };
});

// after an upgrade the old page's chunks are gone: load the new page instead of failing
router.onError((error: Error, to) => {
  if (/dynamically imported module|Importing a module script failed/.test(error.message)) {
    window.location.assign(router.resolve(to.fullPath).href);
  }
});

/** Leave for the login page, remembering where to come back to. */
export function goToLogin(): void {
  const here = router.currentRoute.value;
  if (here.meta.open) return;
  void router.replace({ name: "login", query: { back: here.fullPath } });
}
