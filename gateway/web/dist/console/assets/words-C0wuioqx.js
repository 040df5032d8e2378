const i=({zh:t,en:r})=>({zh:t.trim()||r.trim(),en:r.trim()||t.trim()});export{i as b};
