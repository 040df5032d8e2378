import{c0 as i}from"./index-D0PrcBsM.js";const n=o=>["",...i].includes(o);export{n as i};
