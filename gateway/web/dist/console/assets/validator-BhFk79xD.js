import{c0 as i}from"./index-XhYy0QHD.js";const n=o=>["",...i].includes(o);export{n as i};
