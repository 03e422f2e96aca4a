// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The first chunks that a fresh decoder meets are several times slower, until the engine has compiled what runs often.
// So a worker decodes this one, over and over, while the connection is still being made: a ball of 528 triangles, the
// finest node that `vantage import` made of one with 12 rings (geometry 0).
const payload = [
    'AQAAAAEAAAAAAAAACgEAABACAAAspZQ9rEkRPQAAAAAAAAAAAAAAAAAAAQAAAAEAAAABACsrKysrKwEAAAAAAAEA/////wAAkAREBQAAEdIEAABE',
    'UkFDTwICAQEAAACKApAEAI8EAACEAd+2bVtbVVVVVdVq27Ztq1pVVVVVVS1VVVVVVapVVVVVVVUtVVVVVaVaVVVVVVVVLVVVVVWqVVVVVVVVVS1V',
    'VVWlWlVVVVVVVVUtVVVVqlVVVVVVVVVVLVVVpVpVVVVVVVVVVS1VVapVVVVVVVVVVVUtVaVaVVVVVVVVVVVVLVWqAABQCgEBEAH/AAABAAUDAAAB',
    'AQEBAQaBgALpElT/////c4kBiQGxAbEB/////28UDxT/////H50BDQGdAUEC/////ycUpQLM////i6SdAUkBXQFJATz///+HFBT//7tUAQLg4LEB',
    '//+7FP+vaQK4+GkCAzz/sxSHzC0CFQLM////////////////////////////////////Y1QHVP////////////////////////////////+DVFT/',
    '////////////////////////l1RU////////////////S1QHPP////8jFAco/////3cU/////4cU////////////////////////////////////',
    '////////////////////////////////////////////////////////////////////////////////////////////////////////////////',
    '////////////////////////////////////////////////////////////////////////////////////////////////////////////////',
    '////////////////////////////////////////////////////////////////////6xT/////////////////////////////////////////',
    '////////////////////////////////////////////////////////////////////////////////////////////////////////////////',
    '//////////////////////+DFMADA5jHGDEubStNRLtXigl2LbF21TZuB7VorwW48Q7AfPvR6MxYXMfSgipaXAaSKhYqIkO5BzFGRnEAxCQl+90i',
    'gn/Ii+anIRmIohVc1JERDWkGYvQH2Wj7ewlC3nLPcX9hUdLNwUN7EVuHt4mXUUgmxWCpd+2MYggf2hHn4B5SYt5yzyS0I+ynpbpzmvFK6DIfJeEZ',
    '+bC5C2LCo2tDbINhLgD+ijooM2UbKmIrgQjOHu5TmG+L7NevH4/O+3mwqY5lvESSUBulVB7h1FFk8rn2r9iMdHTYIh9gKBuo/wfhf79xitI5mQIU',
    'pBNn0YSH3WZUiZ7ce2e1zTPugfmptrPh+DA15eVoYJL6YTkNr06LO5dgWBHZn3iLFBRTuGWncYyQL2duYNpTM5qF0/ypXDJMtrYvqvaZwWyJwpT0',
    '3mv9efaje5m/gMw627nGE9KNyUsLkUl9sIqSwwOsDJMbanVocLnC/hkV6kvnI3cRyPCXAlcJdb3NdeI3rM2mqsQoHJguwVA1oGaUoJdf14befrzT',
    'fZCiRXZ8WyJ1fsCB5CHNTpuqLX2zHk6pVeUguklvqGOFiGeVm7TU+3JaF/GPVPZPsAAAAAAAgAAAvleaVDyxHbrz10e7EnNB4UTaH4mo+id+lURA',
    'M5f5SBY5FDwK5z5cxpSsTa5EKg50LvjxJ3fjSLsFysp9tkyx3BUJuLoW0S5TPB6Q/JiZrjVDzLMGx+ljXrsQ8uGEcVsPpeBf0KfNJyAAAAAAAA==',
].join('');

const longestMilliseconds = 60;
const sliceMilliseconds = 4;

/** Decodes the built-in chunk, in slices so that real chunks need not wait; `nodes` is a NodeDecoder that has Draco. */
export async function warmUp(nodes) {
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const geometries = new Map([[0, { gridStep: 1, coordinateStep: 1, materialCount: 1 }]]);
    for (let spent = 0; spent < longestMilliseconds;) {
        const began = performance.now();
        do nodes.decodeChunk(bytes, geometries); while (performance.now() - began < sliceMilliseconds);
        spent += performance.now() - began;
        await new Promise((resolve) => { setTimeout(resolve); });
    }
}
