// SPDX-License-Identifier: Apache-2.0
#include "notice/reasons.h"

#include <algorithm>
#include <array>

namespace ringpost::notice
{
namespace
{
struct Name
{
    std::string_view name; ///< of service/camp_on
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array<Name, 7> names{{
    {"deleted-unread", "the mail was deleted unread", "メールは読まれずに削除されました"},
    {"first-hung-up", "whoever was rung first hung up before the other telephone answered",
     "先に応答した人が、相手が応答する前に電話を切りました"},
    {"interrupted", "the gateway was interrupted during the call, and nobody is rung twice",
     "接続の途中でゲートウェイが中断しました。二度は呼び出しません"},
    {"pin-wrong", "the PIN that was keyed in was wrong each time", "入力された暗証番号が正しくありませんでした"},
    {"pin-silent", "nobody keyed in a PIN", "暗証番号が入力されませんでした"},
    {"pin-missing", "whoever answered hung up before the PIN was keyed in",
     "暗証番号が入力される前に電話が切られました"},
    {"restored",
     "the gateway was restored from a backup, and nobody knows what became of the request since; it is not performed a "
     "second time, so please ask again if it is still wanted",
     "ゲートウェイがバックアップから復元され、その後この依頼がどうなったか分かりません。二度は実行しませんので、必要で"
     "あればもう一度依頼してください"},
}};

/// `{}`: whatever stands there, at most once; it is told as it is.
struct Sentence
{
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array<Sentence, 33> sentences{{
    // media/fax_session, media/fax_controller, scenario/director
    {"no FAX has answered at this number", "この番号でFAXは応答しませんでした"},
    {"the other FAX does not take this document", "相手のFAXはこの文書を受信できません"},
    {"the connection to the other FAX broke", "相手のFAXとの通信が途中で切れました"},
    {"the FAX modem cannot send this document", "FAXモデムがこの文書を送信できません"},
    {"the called number hung up at once", "相手は応答後すぐに電話を切りました"},
    {"the call was longer than {}", "通信が制限時間（{}）を超えました"},
    {"the addressee has no FAX number", "宛先のFAX番号が登録されていません"},
    {"the addressee has no telephone to key in the PIN", "暗証番号を入力する宛先の電話がありません"},
    {"the calls to the other FAX were cut off each time", "相手のFAXとの通話が毎回途中で中断されました"},
    {"an error in the gateway", "ゲートウェイ内部のエラーです"},
    // media/fax_document, media/fax_tiff
    {"the document is empty", "文書が空です"},
    {"the text is empty", "本文が空です"},
    {"the document has more than {} pages", "文書が{}ページを超えています"},
    {"the document has more than {} octets", "文書が{}バイトを超えています"},
    {"the pages of the document have more than {} octets", "文書のページの合計が{}バイトを超えています"},
    {"a page of the document has more than {} pixels", "{}画素を超えるページがあります"},
    {"the document cannot be read: {}", "文書を読み取れません: {}"},
    {"the TIFF image is damaged: {}", "TIFF画像が壊れています: {}"},
    {"{} is not a document that can be sent by FAX", "FAXで送信できる文書ではありません: {}"},
    // media/voice_file and what it reads with
    {"the recording is damaged: {}", "録音が壊れています: {}"},
    {"the recording is empty", "録音が空です"},
    {"the recording is longer than {}", "録音が{}を超えています"},
    {"the recording has more than {} octets", "録音が{}バイトを超えています"},
    {"the recording has {} channels", "録音のチャンネル数（{}）には対応していません"},
    {"there is nothing to say", "読み上げる文章がありません"},
    // media/content_reader, media/sandbox, service/attempt
    {"the mail has no such content", "メールにそのコンテンツがありません"},
    {"its mail is no longer there", "元のメールはすでにありません"},
    {"cannot convert in a sandbox: {}", "サンドボックスで変換できません: {}"},
    {"the gateway is shutting down", "ゲートウェイが終了するところです"},
    // mta/relay/outcome, mta/queue_relay, mta/settlement
    {"the other office has no gateway that could have such a request",
     "相手のオフィスには、その依頼を扱うゲートウェイがありません"},
    {"the gateway cannot read the mail where it is stored; its administrator finds more in the log",
     "保存されたメールを読み出せません。詳細は管理者がログで確認できます"},
    {"the gateway could not store what becomes of the mail; its administrator finds more in the log",
     "メールの処理結果を保存できませんでした。詳細は管理者がログで確認できます"},
    {"is not offered by this gateway", "このゲートウェイでは提供していません"},
}};

constexpr std::string_view gap = "{}";

std::string filled(std::string_view sentence, std::string_view value)
{
    std::string text(sentence);
    if (const auto place = text.find(gap); place != std::string::npos)
    {
        text.replace(place, gap.size(), value);
    }
    return text;
}

/// The Japanese of an English sentence; empty: it is none of ours.
std::string in_japanese(std::string_view english)
{
    for (const auto& sentence : sentences)
    {
        const auto place = sentence.english.find(gap);
        const auto before = sentence.english.substr(0, place);
        const auto behind =
            place == std::string_view::npos ? std::string_view{} : sentence.english.substr(place + gap.size());
        const bool whole = place == std::string_view::npos;
        if (whole ? english == before
                  : english.size() > before.size() + behind.size() && english.starts_with(before) &&
                        english.ends_with(behind))
        {
            return filled(sentence.japanese,
                          whole ? std::string_view{}
                                : english.substr(before.size(), english.size() - before.size() - behind.size()));
        }
    }
    return {};
}
} // namespace

std::string reason_in_words(std::string_view why, Language language)
{
    const auto* name = std::find_if(names.begin(), names.end(), [why](const Name& one) { return one.name == why; });
    if (name != names.end())
    {
        return std::string(language == Language::ja ? name->japanese : name->english);
    }
    if (language != Language::ja)
    {
        return std::string(why);
    }
    constexpr std::string_view content = "content ";
    const auto colon = why.find(": ");
    if (why.starts_with(content) && colon != std::string_view::npos)
    {
        return "コンテンツ" + std::string(why.substr(content.size(), colon - content.size())) + ": " +
               reason_in_words(why.substr(colon + 2), language);
    }
    const auto japanese = in_japanese(why);
    return japanese.empty() ? std::string(why) : japanese;
}
} // namespace ringpost::notice
