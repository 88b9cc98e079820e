// SPDX-License-Identifier: Apache-2.0
#include "notice/bounce.h"
#include "notice/texts.h"

namespace ringpost::notice
{
namespace
{
constexpr std::array<KindText, 6> kinds{{
    {"connect {destination} with {source}", "Connected: {destination} and {source}",
     "Not connected: {destination} and {source} ({cause})",
     "{destination} and {source} have been connected: both have answered."},
    {"let {source} join the conversation at {destination}", "Joined: the conversation at {destination}",
     "Not joined: the conversation at {destination} ({cause})",
     "{source} has joined the conversation at {destination}."},
    {"interrupt the conversation at {destination} for {source}", "Interrupted: the conversation at {destination}",
     "Not interrupted: the conversation at {destination} ({cause})",
     "The conversation at {destination} has been interrupted, and {source} has been connected with {destination}."},
    {"transfer the calls for {source}", "Transfer entered: calls for {source}",
     "Transfer not entered: calls for {source} ({cause})", "From now on the calls for {source} are transferred."},
    {"end the transfer of the calls for {source}", "Transfer ended: calls for {source}",
     "Transfer not ended: calls for {source} ({cause})",
     "The calls for {source} are no longer transferred; that telephone rings as usual."},
    {"cancel an earlier request", "Request cancelled", "Request not cancelled ({cause})",
     "The earlier request has been cancelled. Nothing more will be dialled for it."},
}};

constexpr std::array<CauseText, 17> causes{{
    {"", "", ""},
    {"busy", "{destination} was busy at the last attempt, and the time for trying is over.",
     "Send the request again later, or give it a longer Monitor-Time."},
    {"no answer", "{destination} rang, but nobody answered, and the time for trying is over.",
     "Try again at another time, or write what you wanted to say in a mail."},
    {"rejected", "{destination} rejected the call.", "Ask by mail when a call is welcome. Nothing more will be tried."},
    {"unreachable", "{destination} could not be reached: the telephone is out of service, or its exchange is.",
     "Try again later, or use another number of that person."},
    {"no such number", "The number {destination} does not exist.", "Correct the number and send the request again."},
    {"no line free", "There was no free line to {destination}, or the network on the way was overloaded.",
     "Try again later. If it happens often, tell the administrator."},
    {"{source} busy", "{source}, which was to be connected with {destination}, was busy.",
     "Send the request again when {source} is free."},
    {"{source} did not answer",
     "{source}, which was to be connected with {destination}, rang, but nobody answered there.",
     "Send the request again when somebody is near {source}."},
    {"declined", "The person who was asked did not agree.",
     "Nothing more will be tried. If it is important, write a mail."},
    {"no conversation", "The conversation at {destination} was over before it could be joined.",
     "Ask for an ordinary connection instead."},
    {"time over", "The time for the request ended before {destination} could be called even once.",
     "Send the request again with a longer Monitor-Time."},
    {"cancelled", "The request was cancelled before it was performed.",
     "Nothing more will be dialled for it. If it is still wanted, send a new request."},
    {"refused", "The request was refused: a rule of the gateway does not allow it.",
     "Ask the administrator of the gateway if you need the permission."},
    {"error in the request", "The request holds an error and could not be performed.", "Correct it and send it again."},
    {"no gateway", "The office of {destination} has no gateway that could make the connection.",
     "Dial by hand, or send the request with Trigger: system-recognition, so that your own gateway dials."},
    {"internal error", "An error in the gateway or in the exchange ended the request.",
     "Send the request again. If it fails again, tell the administrator its number."},
}};

constexpr std::string_view not_confidentially = "Nothing more will be tried. Send the mail again without asking for "
                                                "confidential treatment if it may be read on its "
                                                "way, or reach the person in another way.";

constexpr std::array<StatusText, 18> statuses{{
    {"", "The mail could not be delivered."},
    {".1", "The address is not right."},
    {".1.1", "There is no mailbox with that address."},
    {".1.2", "There is no mail server for the domain of that address."},
    {".1.10", "The domain of that address takes no mail."},
    {".2.1", "The mailbox takes no mail at present."},
    {".2.2", "The mailbox is full."},
    {".2.3", "The mail is larger than the mailbox takes."},
    {".3.4", "The mail is larger than the other server takes."},
    {".4", "The other server could not be reached, or the connection to it broke."},
    {".4.3", "It could not be found out which server takes mail for that address."},
    {".4.4", "No way to the domain of that address is known."},
    {".4.6", "The mail went round in circles between servers."},
    {".4.7", "The mail could not be delivered within the time that is given to it."},
    {".6", "The other server does not take mail of this kind or form."},
    {".7", "The other server does not allow the delivery."},
    {".7.10", "The mail may travel over encrypted connections only, and this one was not.", not_confidentially},
    {".7.30", "The mail is confidential, and the other server does not promise to protect it.", not_confidentially},
}};

constexpr std::array<StatusText, 3> findings{{
    {deleted_from_queue, "The administrator of this gateway has deleted it from the queue.",
     "Nothing more will be tried. Ask the administrator before you send it again."},
    {question_is_over, "It answers a question to which no answer is waited for any more.",
     "Nothing happens because of it. Write to the person directly if it still matters."},
    {somebody_else_asked, "It answers a question that somebody else was asked.",
     "Nothing happens because of it. Only who was asked can answer, from the address that the question was sent to."},
}};

constexpr Texts english{
    .kinds = kinds,
    .contents_only = {"send its recordings and FAXes to {destination}", "Sent to {destination}: {subject}",
                      "Not sent to {destination}: {subject} ({cause})",
                      "What your mail brought for {destination} has been sent there."},
    .causes = causes,
    .statuses = statuses,
    .findings = findings,
    .units = {{{" day", " days"}, {" hour", " hours"}, {" minute", " minutes"}, {" second", " seconds"}}},
    .unit_separator = " ",
    .no_number = "(no number)",
    .no_subject = "(no subject)",
    .blanks_between_words = true,

    .asked_by_mail = "Your mail \"{subject}\" to {addressee} asked for this: {asked}.",
    .asked_otherwise = "You asked for this: {asked}.",
    .not_tried = "Nothing was dialled ({ended}).",
    .tried_once = "It was tried once (from {started} to {ended}).",
    .tried_often = "It was tried {attempts} times (from {started} to {ended}).",
    .explanation = "The reason: {detail}",
    .voice_heard = "Voice (content {content}): played, {time} of it were heard.",
    .voice_failed = "Voice (content {content}): not played ({cause}).",
    .voice_broken = "Voice (content {content}): {time} of it were heard, then it ended ({cause}).",
    .fax_sent = "FAX (content {content}): sent, pages confirmed by the other FAX: {pages}.",
    .fax_failed = "FAX (content {content}): not sent whole ({cause}), pages confirmed by the other FAX: {pages}.",
    .fax_speed = "The speed was {bit_rate} bit/s.",
    .fax_speed_and_name = "The other FAX calls itself \"{remote}\"; the speed was {bit_rate} bit/s.",
    .fax_copy = "A copy of these pages is attached ({file}).",
    .connection_made = "The telephones were connected.",
    .connection_failed = "The telephones were not connected ({cause}).",
    .request_number = "Request number: {request}",
    .footer = "This notice was written by the Ringpost gateway of {domain}.",

    .completed_subject = "Transmission completed: {subject}",
    .completed_user_reception =
        "Your mail \"{subject}\" has been delivered to the mailbox of {addressee} ({time}). What "
        "it asks for is performed when {addressee} fetches it: {asked}.",
    .completed_system_recognition = "Your mail \"{subject}\" to {addressee} has arrived ({time}). What it asks for is "
                                    "performed now: {asked}.",
    .retried_for = "If a telephone is busy or nobody answers, it is tried again for {monitor_time}.",
    .retried_to =
        "If a telephone is busy or nobody answers, it is tried again for {monitor_time}, until {monitor_end}.",
    .retried_until_success = "If a telephone is busy or nobody answers, it is tried again until it succeeds.",
    .retried_with_cap =
        "If a telephone is busy or nobody answers, it is tried again until it succeeds, but not longer than {cap}.",
    .shortened = "You asked for a longer time, which was shortened: this gateway tries for at most {cap}.",
    .result_follows = "A further notice tells you the result.",
    .cancel_by_reply = "To cancel the request, reply to this mail with CANCEL as the first word.",

    .inquiry_subject = "Do you agree? {subject}",
    .asked_by = "{remote} has sent you the mail \"{subject}\" and waits for your answer.",
    .ask_connection = "Shall {destination} and {source} be connected now?",
    .ask_voice = "Shall the recording be played at {destination} now?",
    .ask_fax = "Shall the document be sent by FAX now?",
    .answer_by_reply = "Reply to this mail with OK as the first word if you agree, with NG if not.",
    .answer_by_link = "Or answer on this page: {detail}",
    .silence_is_no = "Without an answer until {time} nothing more happens.",
    .spoken_inquiry = "There is a question about your mail. Press 1 to go on. Press 2 if you do not want it now.",
    .spoken_inquiry_of = "{remote} asks for you. Press 1 to go on. Press 2 if you do not want it now.",
    .spoken_pin_question = "There is a confidential message. Key in your PIN, and then the hash key.",

    .failed_subject = "Not delivered: your mail to {recipient}",
    .delayed_subject = "Not delivered yet: your mail to {recipient}",
    .failed = "Your mail \"{subject}\" could not be delivered to {recipient}.",
    .delayed = "Your mail \"{subject}\" has not been delivered to {recipient} yet.",
    .will_retry = "It is tried again.",
    .will_retry_until = "It is tried again until {time}.",
    .server_said = "The server {remote} said: {detail}",
    .we_found = "Details: {detail}",
    .failed_next =
        "Nothing more will be tried. Check the address and send the mail again, or reach the person in another "
        "way.",
    .delayed_next = "You need not send it again. If it cannot be delivered by then, you get another notice.",
    .relayed_subject = "Sent on: your mail to {recipient}",
    .relayed = "Your mail \"{subject}\" to {recipient} was sent on, and the next server has taken it over.",
    .relayed_next = "That server tells nobody when a mail is delivered, so you get no further confirmation.",
    .delivered_subject = "Delivered: your mail to {recipient}",
    .delivered = "Your mail \"{subject}\" has been delivered to {recipient}.",
    .delivered_next = "That says nothing of whether it has been read.",
};
} // namespace

const Texts& texts_en()
{
    return english;
}
} // namespace ringpost::notice
