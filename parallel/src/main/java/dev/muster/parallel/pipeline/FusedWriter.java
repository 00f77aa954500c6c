package dev.muster.parallel.pipeline;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// Writes the byte code of a [FusedCode].
final class FusedWriter {
    private static final ClassDesc SUPER = desc(FusedCode.class);
    private static final ClassDesc SELF =
            ClassDesc.of(FusedCode.class.getPackageName(), "FusedFunctions");
    private static final ClassDesc STAGE = desc(Stage.class);
    private static final ClassDesc LIFE = desc(Life.class);
    private static final ClassDesc ITERABLE = desc(Iterable.class);
    private static final ClassDesc ITERATOR = desc(Iterator.class);
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_void);
    private static final MethodTypeDesc ACCEPT = MethodTypeDesc.of(CD_void, CD_Object);

    private final List<Step.Kind> kinds;

    FusedWriter(List<Step.Kind> kinds) {
        this.kinds = kinds;
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    byte[] write() {
        return ClassFile.of().build(SELF, this::writeClass);
    }

    private void writeClass(ClassBuilder type) {
        type.withFlags(ClassFile.ACC_FINAL).withSuperclass(SUPER);
        for (var i = 0; i < kinds.size(); i++) {
            type.withField(field(i), functionType(i), ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
        }
        type.withMethodBody(
                INIT_NAME,
                MethodTypeDesc.of(CD_void, CD_Object.arrayType(), STAGE, LIFE),
                0,
                this::writeConstructor);
        type.withMethodBody("send", ACCEPT, 0, code -> new Body(code).writeSend());
        type.withMethodBody(
                "sendAll",
                MethodTypeDesc.of(CD_void, ITERABLE),
                0,
                code -> new Body(code).writeSendAll());
    }

    private void writeConstructor(CodeBuilder code) {
        code.aload(0).aload(2).aload(3);
        code.invokespecial(SUPER, INIT_NAME, MethodTypeDesc.of(CD_void, STAGE, LIFE));
        for (var i = 0; i < kinds.size(); i++) {
            code.aload(0).aload(1).loadConstant(i).aaload().checkcast(functionType(i));
            code.putfield(SELF, field(i), functionType(i));
        }
        code.return_();
    }

    private static String field(int step) {
        return "function" + step;
    }

    private ClassDesc functionType(int step) {
        return switch (kinds.get(step)) {
            case MAP, FLAT_MAP -> desc(Function.class);
            case FILTER -> desc(Predicate.class);
            case TEE -> desc(Consumer.class);
        };
    }

    /// A method that has a value or several as its parameter.
    private final class Body {
        private final CodeBuilder code;
        private final int life;
        private final int end;
        private final int firstFunction;

        private Body(CodeBuilder code) {
            this.code = code;
            life = load("life", LIFE);
            end = load("end", STAGE);
            firstFunction = end + 1;
            for (var i = 0; i < kinds.size(); i++) {
                load(field(i), functionType(i));
            }
        }

        /// Reads a field into a local variable, and returns its number.
        private int load(String field, ClassDesc type) {
            var variable = code.allocateLocal(TypeKind.REFERENCE);
            code.aload(0).getfield(SELF, field, type).astore(variable);
            return variable;
        }

        private void writeSend() {
            var done = code.newLabel();
            checkOpen();
            writeStep(0, 1, done);
            code.labelBinding(done).return_();
        }

        private void writeSendAll() {
            code.aload(1);
            writeLoop(0);
            code.return_();
        }

        /// Sends all values of the iterable on the stack to a step.
        private void writeLoop(int step) {
            var iterator = code.allocateLocal(TypeKind.REFERENCE);
            var value = code.allocateLocal(TypeKind.REFERENCE);
            var again = code.newLabel();
            var done = code.newLabel();
            code.invokeinterface(ITERABLE, "iterator", MethodTypeDesc.of(ITERATOR));
            code.astore(iterator).labelBinding(again).aload(iterator);
            code.invokeinterface(ITERATOR, "hasNext", MethodTypeDesc.of(CD_boolean)).ifeq(done);
            code.aload(iterator);
            code.invokeinterface(ITERATOR, "next", MethodTypeDesc.of(CD_Object)).astore(value);
            checkOpen();
            writeStep(step, value, again);
            code.goto_(again).labelBinding(done);
        }

        private void checkOpen() {
            code.aload(life).invokevirtual(LIFE, "checkOpen", RUN);
        }

        /// @param skip where it goes on when the value goes no further
        private void writeStep(int step, int value, Label skip) {
            if (step == kinds.size()) {
                code.aload(end).aload(value).invokeinterface(STAGE, "send", ACCEPT);
                return;
            }
            var type = functionType(step);
            code.aload(firstFunction + step).aload(value);
            switch (kinds.get(step)) {
                case MAP ->
                        code.invokeinterface(type, "apply", MethodTypeDesc.of(CD_Object, CD_Object))
                                .astore(value);
                case FILTER ->
                        code.invokeinterface(type, "test", MethodTypeDesc.of(CD_boolean, CD_Object))
                                .ifeq(skip);
                case TEE -> code.invokeinterface(type, "accept", ACCEPT);
                case FLAT_MAP -> {
                    code.invokeinterface(type, "apply", MethodTypeDesc.of(CD_Object, CD_Object))
                            .checkcast(ITERABLE);
                    writeLoop(step + 1);
                    return;
                }
            }
            writeStep(step + 1, value, skip);
        }
    }
}
