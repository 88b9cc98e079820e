// SPDX-License-Identifier: Apache-2.0
#include "console/page_texts.h"

namespace ringpost::console
{
const PageTexts& page_texts_ja()
{
    static constexpr PageTexts texts{
        .title = "ご確認のお願い",
        .from = "差出人",
        .subject = "メール",
        .no_subject = "（件名なし）",
        .until = "回答期限",
        .silence = "期限までにご回答がないときは NG とみなします。",
        .ok_button = "OK（進める）",
        .ng_button = "NG（進めない）",
        .ok_taken = "OK のご回答を受け付けました。処理を進めます。",
        .ng_taken = "NG のご回答を受け付けました。処理は進めません。",
        .close_page = "このページは閉じてかまいません。",
        .not_there =
            "このアドレスの確認はありません。すでに回答されたか、期限が過ぎたか、アドレスが途中で切れています。",
        .unreadable = "回答を読み取れませんでした。前のページに戻り、どちらかのボタンを押してください。",
        .not_now = "ただいま処理できません。しばらくしてから、もう一度お試しください。",
    };
    return texts;
}
} // namespace ringpost::console
