"""How much of something a call or a tenant takes. Source: Tencent CCC 2020-02-10, the actions named."""

from __future__ import annotations

from typing import Final

CREATED_AT_ONCE: Final = 10  # CreateStaff: "at most 10"
DELETED_AT_ONCE: Final = 200  # DeleteStaff: "at most 200"
RING_ALL: Final = 2  # members of a queue that rings all at once, telephones included (RingAllGroupMemberOverflow)
DEFAULT_PRIORITY: Final = 3  # of an agent in a queue; 1 is the highest, 5 the lowest

STAFF_PAGE: Final = 9999  # DescribeStaffInfoList
QUEUE_PAGE: Final = 100  # DescribeSkillGroupInfoList
AUDIO_PAGE: Final = 50  # DescribeIvrAudioList
PAGE: Final = 100  # DescribeExtensions and DescribeNumbers state no maximum; a server that gives less is followed
SMALLER_PAGES: Final = (50, 20)  # and one that refuses so many is asked for fewer, as in the vendor's examples
