using RealTimeMesh.Contracts.DeadLetters;
using Xunit;

namespace RealTimeMesh.Contracts.Tests.DeadLetters;

public class MessageShapeTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("timeout", "timeout")]
    [InlineData("no answer after 3000 ms", "no answer after # ms")]
    [InlineData("found -5; expected 1.5e-3", "found #; expected #")]
    [InlineData("order 6f9619ff-8b86-d011-b42d-00c04fc964ff is closed", "order # is closed")]
    [InlineData("10.0.0.1:5432 refused", "# refused")]
    [InlineData("at 2026-11-23T15:54:00.123Z", "at #")]
    [InlineData("unknown airport 'ZZZ'", "unknown airport ?")]
    [InlineData("found \"a \\\" b\" there", "found ? there")]
    [InlineData("it isn't there", "it isn't there")]
    [InlineData("rows 1, 2, 3 and 4", "rows # and #")]
    [InlineData("keys 'a', 'b'", "keys ?")]
    [InlineData("line 3: bad", "line #: bad")]
    [InlineData("two\r\n  lines", "two lines")]
    [InlineData("'never closed", "'never closed")]
    [InlineData("Zürich 7 ä", "Zürich # ä")]
    public void Values_are_left_out_of_a_messages_shape(string message, string shape) => Assert.Equal(shape, MessageShape.Of(message));

    [Fact]
    public void The_value_found_is_left_out_though_it_is_not_quoted() =>
        Assert.Equal(MessageShape.Of("field 'a': found true; expected int", "true"), MessageShape.Of("field 'a': found Mozart and Salieri; expected int", "Mozart and Salieri"));

    [Fact]
    public void A_shape_is_its_own_shape()
    {
        foreach (var message in new[] { "no answer after 3000 ms", "unknown 'x', 'y' at 10.1.1.1", "a 5" })
            Assert.Equal(MessageShape.Of(message), MessageShape.Of(MessageShape.Of(message)));
    }

    [Fact]
    public void Messages_of_any_characters_and_length_have_a_shape()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var text = string.Create(random.Next(0, 700), random, (span, source) =>
            {
                foreach (ref var c in span)
                    c = (char)source.Next(0, source.Next(2) == 0 ? 128 : 0x10000);
            });
            Assert.True(MessageShape.Of(text, text.Length > 5 ? text[1..4] : null).Length <= MessageShape.MaxLength);
        }
    }
}
