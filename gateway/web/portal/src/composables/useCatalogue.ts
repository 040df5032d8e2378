/** Branches, the chosen one (remembered), and what it offers. */
import { computed, ref } from 'vue'
import { listBranches, listPackages, listServices } from '../api'
import { offersOf } from '../lib/offers'
import { useLoad } from './useLoad'

const STORAGE_KEY = 'yingqi.branch'

export function useCatalogue(wantedBranchId = '') {
  const branchId = ref(wantedBranchId || String(uni.getStorageSync(STORAGE_KEY) || ''))

  const loading = useLoad(async () => {
    const branches = await listBranches()
    const branch = branches.find((one) => one.id === branchId.value) ?? branches[0]
    branchId.value = branch?.id ?? ''
    if (!branch) return { branches, services: [] }
    const [services, packages] = await Promise.all([listServices(branch.id), listPackages(branch.id)])
    return { branches, services: offersOf(services, packages) }
  })

  const branches = computed(() => loading.data.value?.branches ?? [])
  const services = computed(() => loading.data.value?.services ?? [])
  const branch = computed(() => branches.value.find((one) => one.id === branchId.value) ?? null)

  function chooseBranch(id: string): void {
    branchId.value = id
    uni.setStorageSync(STORAGE_KEY, id)
    void loading.reload()
  }

  return { ...loading, branches, services, branch, branchId, chooseBranch }
}
