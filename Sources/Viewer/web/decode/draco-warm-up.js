// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The first chunks that a fresh decoder meets are several times slower, until the engine has compiled what runs often.
// So a worker decodes this one, over and over, while the connection is still being made: a ball of 528 triangles, the
// finest node that `vantage import` made of one with 12 rings (geometry 0).
const payload = [
    'AQAAAAEAAAAAAAAACgEAABACAACmoZQ9z0YgPQAAAAAAAAAAAAAAAAAAAQAAAAEAAAABACsrKysrKwEAAAAAAAEA/////wAAkATTBQAAzgUAAERS',
    'QUNPAgIBAQAAAIoCkAQAjwQAAIQB37ZtW1tVVVVV1Wrbtm2rWlVVVVVVLVVVVVVVqlVVVVVVVS1VVVVVpVpVVVVVVVUtVVVVVapVVVVVVVVVLVVV',
    'VaVaVVVVVVVVVS1VVVWqVVVVVVVVVVUtVVWlWlVVVVVVVVVVLVVVqlVVVVVVVVVVVS1VpVpVVVVVVVVVVVUtVaoAAFAKAQEQAf8AAAEABQMAAAEB',
    'AQEAEiv4tSdVEYkFPAM8MSv0YLx8reRSyKw7OuqO60pBC6SkLXPYCrt8reRSyKw7Ouqa4bCBESnJmcEp8/Dz/4G+vXQRAAAUEuYiAAD/vy5iEo3u',
    'uoj+c1frIuDe6aqLoK7fni6CV+c/ugjpDgDoIr69/qOLkO7gni6CV6OuugjqilfrIuAe6a6L6D++vS4CAJDuukj+g1frIt8e6qqLnK7gni5yV+s/',
    'usjoDgDoIr19/qOLjO7fni5yV5+uusjpelfrIt+ekMCGJtHTAED/ERUAdFu3AQBR9R8APM0kAgAhYRIBQJDQfwDoNN0GgENFVADIbU8DgPwXEgCg',
    'JAYJAFASOw0A8v9QASC3cxsADjX/AaDTSiIACBIlEQAIifwHAE/LbQBA1EMFAN3uNADQ/yABAEwiqHm8/hsqAOi2bgMAouo/AHiaSQQAQsIkAoAg',
    'of8A8Gm6DQCFiqgAkNueBgD5LyQAQEkMEgCgJH4aAOR/oQJAbuc2ABxq/gNAp5VEABAkSiIAEBL5DwCgltsAYKiHCgC63WkAoP9BAgCYRCEBAEyi',
    'oVKxbuM2ACAq/wOAp5lEACAkTCIACBL6DwCdptsAcKiICgC37WkAsP9CAgCUxCABAEpipwFA/h8qAOT2bQPAoe4/AHRaSQQAQaIkAgAhkf8A4Gm5',
    'DQCIeqgAgNudBgD8HyQAgEkUEgDAJHoaAOi/Luoiouo/AHiaSQQAQsIkAoAgof8A0Gm6DQCHiqgAkIueBgD5LyQAQEkMEgCgJHYaAOT/oQJAbuci',
    'ABxq/gNAp5VEABAkSiIAEBL5DwCeltsAgKiHCgC62GkAoP9BAgCYRCEBAEyipwGA/iMqAOg2AAjpaV0EACExiQAgSPA/AHwabgNAoSIqAOSipwEA',
    'ACEBgFwMEgCgJH4aAOx/oQLAbeciABwqAADQ6VwEgCApiQBASOw/AIDabQOAoR4qAOhipwEAgCABAF0UEgDAJIIaAPC/oQIAbusiACCqLgKAkJhE',
    'ABAk9B8AOk23AeBQDRUAbhvUAGD/hQQAcjFIAICS2GkAkP+HCgC5fdsAUKj7DwCflosAECQlEQAIifwHAE/LbQBA1EIFANz+NADg/yABAF0UEgDA',
    'JHoaAOg/ogKAbuM2ABgq/wMAqJnEQRIk9B8AOk23AeBQERUActvTACD/hQQAKIlBAgCUxE4DgPw/VADI7dwGgEPNfwDotJIIAIJESQQAQiL/AcDT',
    'chsAEPVQAUC3Ow0A9D9IAACTKCQAgEn0NADQf0QFAN3WbQBAVP0HAE8ziQBASPB/LnYabgPAoSIqAOS2pwFA/gsJAFASgwQAKImdBgD7f6gAcNu5',
    'DQCHmv8A0GklEQAEiZIIAITE/gOAp902ACDqoQKAbncaAOh/kAAAJlFIAACT6GkAwP+ICgC4rdsAgKj6DwCeZhIBgJAwiQAgSOD2FB+qoQJAboMa',
    'AOS/kAAAJTFIAICS2GkAkP+HCgC5ndsAUKj5DwCfVhIBQJAoiQBASOQ/AHhabgMAohYqAOj2pwGA/gcJAGAShQQAMImeBgD6j6gAoNu6DQCGqv8A',
    'AGomEQAICZMIAIKE/gNApyFqLua2pwFA/gsJAFASgwQAKImdBgD5f6gAkNu5DQCHmv8A0GklEQAEiZIIAIRE/gOAp+U2ACDqoQKAbncaAOh/kAAA',
    'JlFIAACT6GkAoP+ICgC6rdsAgKj6DwCeZhIBgJAwiQAgSOg/AHSabgPAoXoaAOQ/AAAAAAAAAQAA',
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
