import{c1 as i}from"./index-C3cAB4SU.js";const n=o=>["",...i].includes(o);export{n as i};
