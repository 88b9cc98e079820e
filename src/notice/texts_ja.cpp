// SPDX-License-Identifier: Apache-2.0
#include "notice/bounce.h"
#include "notice/texts.h"

namespace ringpost::notice
{
namespace
{
constexpr std::array<KindText, 6> kinds{{
    {"{destination} と {source} の接続", "接続しました: {destination} と {source}",
     "接続できませんでした: {destination} と {source}（{cause}）",
     "{destination} と {source} の双方が応答し、通話がつながりました。"},
    {"{destination} の通話への {source} の参加", "通話に参加しました: {destination}",
     "通話に参加できませんでした: {destination}（{cause}）", "{source} が {destination} の通話に参加しました。"},
    {"{destination} の通話への {source} の割り込み", "通話に割り込みました: {destination}",
     "通話に割り込めませんでした: {destination}（{cause}）",
     "{destination} の通話を保留し、{source} と {destination} をつなぎました。"},
    {"{source} あての電話の転送の登録", "転送を登録しました: {source} あての電話",
     "転送を登録できませんでした: {source} あての電話（{cause}）", "これ以降、{source} あての電話は転送されます。"},
    {"{source} あての電話の転送の解除", "転送を解除しました: {source} あての電話",
     "転送を解除できませんでした: {source} あての電話（{cause}）",
     "{source} あての電話の転送を解除しました。以後は通常どおり呼び出します。"},
    {"以前の依頼の取り消し", "依頼を取り消しました", "依頼を取り消せませんでした（{cause}）",
     "以前の依頼を取り消しました。この依頼で電話をかけることはもうありません。"},
}};

constexpr std::array<CauseText, 17> causes{{
    {"", "", ""},
    {"話し中", "{destination} は最後に試みたときも話し中で、再試行の期限になりました。",
     "時間をおいてもう一度依頼するか、監視時間（Monitor-Time）を長くしてください。"},
    {"応答なし", "{destination} を呼び出しましたが応答がなく、再試行の期限になりました。",
     "時間を変えてもう一度依頼するか、ご用件をメールでお知らせください。"},
    {"着信拒否", "{destination} が着信を拒否しました。",
     "これ以上は試みません。電話をかけてよい時間をメールでお尋ねください。"},
    {"接続不可", "{destination} に接続できませんでした。電話機または交換機が使えない状態です。",
     "時間をおいてもう一度依頼するか、相手の別の番号をお使いください。"},
    {"番号なし", "{destination} という番号はありません。", "番号を直して、もう一度依頼してください。"},
    {"回線の混雑", "{destination} への回線に空きがないか、途中の網が混み合っていました。",
     "時間をおいてもう一度依頼してください。たびたび起こるときは管理者にお知らせください。"},
    {"{source} が話し中", "{destination} とつなぐはずの {source} が話し中でした。",
     "{source} が空いているときに、もう一度依頼してください。"},
    {"{source} が応答なし", "{destination} とつなぐはずの {source} を呼び出しましたが、応答がありませんでした。",
     "{source} で電話を受けられるときに、もう一度依頼してください。"},
    {"承諾なし", "相手の承諾が得られませんでした。", "これ以上は試みません。大切なご用件はメールでお知らせください。"},
    {"通話なし", "参加しようとした {destination} の通話は、すでに終わっていました。",
     "改めて通常の接続を依頼してください。"},
    {"期限切れ", "{destination} に一度も発信できないまま、依頼の期限になりました。",
     "監視時間（Monitor-Time）を長くして、もう一度依頼してください。"},
    {"取り消し", "依頼は実行される前に取り消されました。",
     "この依頼で電話をかけることはもうありません。必要なときは改めて依頼してください。"},
    {"許可なし", "ゲートウェイの規則により許可されていないため、依頼をお受けできませんでした。",
     "許可が必要なときは、ゲートウェイの管理者にご相談ください。"},
    {"依頼の誤り", "依頼の内容に誤りがあり、実行できませんでした。", "誤りを直して、もう一度依頼してください。"},
    {"ゲートウェイなし", "{destination} の拠点には、接続を行えるゲートウェイがありません。",
     "直接電話をかけるか、Trigger: system-recognition を指定して自拠点のゲートウェイからの発信を依頼してください。"},
    {"内部エラー", "ゲートウェイまたは交換機の異常により、依頼が打ち切られました。",
     "もう一度依頼してください。それでも失敗するときは、依頼番号を管理者にお知らせください。"},
}};

constexpr std::string_view not_confidentially = "これ以上は配送を試みません。途中で読まれてもよい内容でしたら親展の指定"
                                                "を外して送り直すか、別の方法でご連絡ください。";

constexpr std::array<StatusText, 18> statuses{{
    {"", "メールを配送できませんでした。"},
    {".1", "宛先のアドレスが正しくありません。"},
    {".1.1", "宛先のメールボックスがありません。"},
    {".1.2", "宛先のドメインのメールサーバーが見つかりません。"},
    {".1.10", "宛先のドメインはメールを受け取っていません。"},
    {".2.1", "宛先のメールボックスは現在メールを受け取れません。"},
    {".2.2", "宛先のメールボックスに空きがありません。"},
    {".2.3", "メールの大きさが、宛先のメールボックスの上限を超えています。"},
    {".3.4", "メールの大きさが、相手のサーバーの上限を超えています。"},
    {".4", "相手のサーバーに接続できないか、接続が途中で切れました。"},
    {".4.3", "宛先のメールを受け取るサーバーを調べられませんでした。"},
    {".4.4", "宛先のドメインへの配送経路がわかりません。"},
    {".4.6", "メールがサーバーの間を巡回していました。"},
    {".4.7", "決められた期限までに配送できませんでした。"},
    {".6", "相手のサーバーがこの種類または形式のメールを受け付けません。"},
    {".7", "相手のサーバーが配送を許可しませんでした。"},
    {".7.10", "暗号化された接続だけで送るメールですが、接続が暗号化されていません。", not_confidentially},
    {".7.30", "親展のメールですが、相手のサーバーがその保護を約束していません。", not_confidentially},
}};

constexpr std::array<StatusText, 3> findings{{
    {deleted_from_queue, "このゲートウェイの管理者が、送信待ちのメールを削除しました。",
     "これ以上は配送を試みません。送り直す前に、管理者にお問い合わせください。"},
    {question_is_over, "お返事の対象となる確認は、すでに終わっています。",
     "このお返事では何も行いません。必要なときは相手に直接ご連絡ください。"},
    {somebody_else_asked, "ほかの人への確認に対するお返事です。",
     "このお返事では何も行いません。確認を受け取った本人が、そのアドレスからお返事ください。"},
}};

constexpr Texts japanese{
    .kinds = kinds,
    .contents_only = {"{destination} への録音・FAX の送信", "{destination} へ送信しました: {subject}",
                      "{destination} へ送信できませんでした: {subject}（{cause}）",
                      "メールの録音・FAX を {destination} へ送り終えました。"},
    .causes = causes,
    .statuses = statuses,
    .findings = findings,
    .units = {{{"日", "日"}, {"時間", "時間"}, {"分", "分"}, {"秒", "秒"}}},
    .unit_separator = "",
    .no_number = "（番号なし）",
    .no_subject = "（件名なし）",
    .blanks_between_words = false,

    .asked_by_mail = "{addressee} あてのメール「{subject}」でのご依頼: {asked}",
    .asked_otherwise = "ご依頼: {asked}",
    .not_tried = "電話はかけていません（{ended}）。",
    .tried_once = "1回試みました（{started} から {ended} まで）。",
    .tried_often = "{attempts}回試みました（{started} から {ended} まで）。",
    .explanation = "理由: {detail}",
    .voice_heard = "音声（コンテンツ{content}）: {time}再生されました。",
    .voice_failed = "音声（コンテンツ{content}）: 再生できませんでした（{cause}）。",
    .voice_broken = "音声（コンテンツ{content}）: {time}再生されたところで終わりました（{cause}）。",
    .fax_sent = "FAX（コンテンツ{content}）: 送信しました（相手側の受信確認: {pages}ページ）。",
    .fax_failed =
        "FAX（コンテンツ{content}）: 全ページは送信できませんでした（{cause}、相手側の受信確認: {pages}ページ）。",
    .fax_speed = "通信速度は {bit_rate} bit/s でした。",
    .fax_speed_and_name = "相手のFAXは「{remote}」、通信速度は {bit_rate} bit/s でした。",
    .fax_copy = "送信したページの写しを添付しました（{file}）。",
    .connection_made = "電話は接続されました。",
    .connection_failed = "電話は接続できませんでした（{cause}）。",
    .request_number = "依頼番号: {request}",
    .footer = "この通知は {domain} の Ringpost ゲートウェイが作成しました。",

    .completed_subject = "送信完了: {subject}",
    .completed_user_reception = "{addressee} あてのメール「{subject}」をメールボックスに届けました（{time}）。\n"
                                "相手がメールを受信したときに実行します: {asked}",
    .completed_system_recognition = "{addressee} あてのメール「{subject}」が届きました（{time}）。\n"
                                    "ただちに実行します: {asked}",
    .retried_for = "話し中や応答なしのときは、{monitor_time}の間、繰り返し試みます。",
    .retried_to = "話し中や応答なしのときは、{monitor_time}の間（{monitor_end} まで）、繰り返し試みます。",
    .retried_until_success = "話し中や応答なしのときは、つながるまで繰り返し試みます。",
    .retried_with_cap = "話し中や応答なしのときは、つながるまで、最長{cap}の間、繰り返し試みます。",
    .shortened = "ご指定の監視時間はこのゲートウェイの上限を超えるため、{cap}に短縮しました。",
    .result_follows = "結果は改めてお知らせします。",
    .cancel_by_reply = "依頼を取り消すには、本文の最初に CANCEL と書いてこのメールに返信してください。",

    .inquiry_subject = "ご都合をお聞かせください: {subject}",
    .asked_by = "{remote} さんからメール「{subject}」が届き、お返事を待っています。",
    .ask_connection = "{destination} と {source} を、いま接続してよろしいですか。",
    .ask_voice = "録音を {destination} で、いま再生してよろしいですか。",
    .ask_fax = "文書を、いま FAX で送ってよろしいですか。",
    .answer_by_reply = "よろしければ本文の最初に OK、ご都合が悪ければ NG と書いて、このメールに返信してください。",
    .answer_by_link = "次のページでもお答えいただけます: {detail}",
    .silence_is_no = "{time} までにお返事がなければ、これ以上は何も行いません。",
    // For espeak-ng, which reads no kanji.
    .spoken_inquiry = "おたずねします。 よろしければ いち を、 いまは こまる ときは に を おしてください。",
    .spoken_inquiry_of = "おたずねします。 よろしければ いち を、 いまは こまる ときは に を おしてください。",
    .spoken_pin_question = "ないみつの メッセージが あります。 あんしょうばんごうと、 シャープを おしてください。",

    .failed_subject = "配送できませんでした: {recipient} あてのメール",
    .delayed_subject = "配送が遅れています: {recipient} あてのメール",
    .failed = "メール「{subject}」を {recipient} に配送できませんでした。",
    .delayed = "メール「{subject}」は、まだ {recipient} に配送できていません。",
    .will_retry = "配送の試みを続けます。",
    .will_retry_until = "{time} まで配送の試みを続けます。",
    .server_said = "サーバー {remote} の応答: {detail}",
    .we_found = "詳細: {detail}",
    .failed_next = "これ以上は配送を試みません。宛先を確かめて送り直すか、別の方法でご連絡ください。",
    .delayed_next = "送り直す必要はありません。期限までに配送できないときは、改めてお知らせします。",
    .relayed_subject = "中継しました: {recipient} あてのメール",
    .relayed = "{recipient} あてのメール「{subject}」を、次のサーバーに引き渡しました。",
    .relayed_next = "そのサーバーは配送の確認を通知しないため、これ以降の確認はありません。",
    .delivered_subject = "配送しました: {recipient} あてのメール",
    .delivered = "メール「{subject}」を {recipient} に配送しました。",
    .delivered_next = "相手が読んだかどうかは、この通知ではわかりません。",
};
} // namespace

const Texts& texts_ja()
{
    return japanese;
}
} // namespace ringpost::notice
