import{b3 as i}from"./index-DA_5dqwY.js";const n=o=>["",...i].includes(o);export{n as i};
