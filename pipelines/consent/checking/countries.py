"""Texts of COUNTRY that the models read as another code, or as no country; raw keeps them all.

The models decide (the macro `iso_country`); this tells the person who loads.
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

# ISO 3166-1: code of two letters and that of three. The macro has the same text.
_BOTH_CODES = """
ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE
BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS
BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN
COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST
EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF
GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD
HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM
JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA
LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM
NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG
PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA
SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD
STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON
TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR
VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE
"""
_LONG_CODES = {both[2:]: both[:2] for both in _BOTH_CODES.split()}
_CODES = frozenset(_LONG_CODES.values())

# A column of other texts has too many to remember, and the first are enough.
_TEXTS_COUNTED = 1_000
_TEXTS_NAMED = 10
_LONGEST = 20


class CountryTexts:
    """Counts the texts in one file's COUNTRY that are not codes of ISO 3166."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._plain: set[str | None] = {None}

    def add(self, texts: pa.StringArray) -> None:
        """Counts those of a batch."""
        others = [text for text in texts.unique().to_pylist() if text not in self._plain]
        self._plain.update(text for text in others if _cleaned(text).upper() in _CODES)
        others = [text for text in others if text not in self._plain]
        if not others:
            return
        found = texts.filter(pc.is_in(texts, value_set=pa.array(others, pa.string())))
        for text, rows in Counter(found.to_pylist()).items():
            shown = _cleaned(text)
            if shown and (shown in self._rows or len(self._rows) < _TEXTS_COUNTED):
                self._rows[shown] += rows

    @property
    def assumptions(self) -> list[str]:
        """What the models read in place of them, the most frequent ones first."""
        if not self._rows:
            return []
        mapped, unknown = Counter[str](), Counter[str]()
        for text, rows in self._rows.items():
            code = iso_country(text.upper())
            if code is None:
                unknown[text if len(text) <= _LONGEST else "longer texts"] += rows
            else:
                mapped[f"{text} as {code}"] += rows
        said = [("country codes are read as others: ", mapped), ("not countries: ", unknown)]
        return [start + _named(found) for start, found in said if found]


def iso_country(code: str) -> str | None:
    """The ISO code of a country from a text in upper case, as the models' macro of this name."""
    if code in _CODES:
        return code
    return "GB" if code == "UK" else _LONG_CODES.get(code)


def _cleaned(text: str) -> str:
    return text.replace('"', "").strip(" ")


def _named(found: Counter[str]) -> str:
    named = [
        f"{text} ({rows:,} row{'s' if rows > 1 else ''})"
        for text, rows in found.most_common(_TEXTS_NAMED)
    ]
    more = len(found) - len(named)
    return ", ".join([*named, *([f"{more} more"] if more else [])])
