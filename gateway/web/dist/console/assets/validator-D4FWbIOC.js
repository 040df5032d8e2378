import{b3 as i}from"./index-ChjmiURl.js";const n=o=>["",...i].includes(o);export{n as i};
