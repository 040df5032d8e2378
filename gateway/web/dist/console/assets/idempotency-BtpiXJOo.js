import{aq as i}from"./index-D0PrcBsM.js";function f(){let e="",n="";function r(o){const t=JSON.stringify(o);return(!e||t!==n)&&(e=i()),n=t,e}return{keyFor:r,renew:()=>e=""}}export{f as u};
