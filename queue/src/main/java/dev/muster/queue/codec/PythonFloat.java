package dev.muster.queue.codec;

/// Prints floating-point numbers as Python's `repr` does: the shortest digits that read back as the
/// same number, with an exponent below 1e-4 and from 1e16 on.
final class PythonFloat {
    private static final int LEAST_PLAIN_EXPONENT = -4;
    private static final int LEAST_LARGE_EXPONENT = 16;

    private PythonFloat() {}

    /// `1.0`, `1e+16`, `1.5e-07`, `nan`, `inf`, `-inf`.
    static String repr(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        var text = Double.toString(value);
        var mark = text.indexOf('E');
        if (mark < 0) {
            return text; // Java prints 1e-3 to 1e7 without exponent, and there the two agree
        }
        var sign = text.charAt(0) == '-' ? "-" : "";
        var point = text.indexOf('.');
        var fraction = text.substring(point + 1, mark);
        var digits = text.charAt(point - 1) + ("0".equals(fraction) ? "" : fraction);
        var exponent = Integer.parseInt(text, mark + 1, text.length(), 10);
        if (digits.length() == 2) {
            // Java prints two digits even where one would do, which shows next to zero: there
            // 4.9E-324 is 5e-324, and 9.9E-324 is 1e-323.
            var rounded = Math.round(Integer.parseInt(digits) / 10.0);
            if (Double.parseDouble(rounded + "E" + exponent) == Math.abs(value)) {
                return sign
                        + (rounded < 10 ? place("" + rounded, exponent) : place("1", exponent + 1));
            }
        }
        return sign + place(digits, exponent);
    }

    private static String place(String digits, int exponent) {
        if (exponent >= LEAST_LARGE_EXPONENT || exponent < LEAST_PLAIN_EXPONENT) {
            var rest = digits.length() > 1 ? "." + digits.substring(1) : "";
            var size = Math.abs(exponent);
            return digits.charAt(0)
                    + rest
                    + (exponent < 0 ? "e-" : "e+")
                    + (size < 10 ? "0" : "")
                    + size;
        }
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + digits;
        }
        if (digits.length() <= exponent + 1) {
            return digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
        }
        return digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
    }
}
